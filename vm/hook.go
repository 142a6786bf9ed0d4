package vm

// hook is a debug hook (debug.sethook).
type hook struct{}

func (p *Proto) trapCode() []instr { return p.code }

func (t *Thread) trap(f *frame) error { return nil }

func (t *Thread) enterHook(f *frame) error { return nil }

func (t *Thread) leaveHook(f *frame, first, n int) error { return nil }
