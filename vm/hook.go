package vm

// hook is a debug hook (debug.sethook).
type hook struct{}

// trapCode is as long as the code and stops the interpreter before each instruction.
func (p *Proto) trapCode() []instr {
	p.trapOnce.Do(func() {
		p.trap = make([]instr, len(p.code))
		for i := range p.trap {
			p.trap[i] = instr(opTrap)
		}
	})
	return p.trap
}

func (t *Thread) trap(f *frame) error { return nil }

func (t *Thread) enterHook(f *frame) error { return nil }

func (t *Thread) leaveHook(f *frame, first, n int) error { return nil }
