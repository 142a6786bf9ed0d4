package vm

// Probation counts the calls of functions that a patch changed, and how many of them an error ended, in one state.
type Probation struct {
	Calls, Failed int
	functions     map[*Proto]struct{}
}

// What makes calls of a function go another way.
const (
	specialVararg uint8 = 1 << iota
	specialCounted
)

// CountCalls has code that is compiled from now on counted where a state asks for it (State.Watch): its calls cost a
// little more. It is to be called before the compiler is used.
func (c *Compiler) CountCalls() { c.counted = true }

// Functions returns the functions that the patch changed or added, for State.Watch.
func (p *Patch) Functions() map[*Proto]struct{} {
	set := map[*Proto]struct{}{}
	for i := range p.chunks {
		c := &p.chunks[i]
		for n, change := range c.changes {
			if n > 0 && n < len(c.New.unit.protos) && (change.Kind == Changed || change.Kind == Added) {
				set[c.New.unit.protos[n]] = struct{}{}
			}
		}
	}
	return set
}

// Watch begins to count the calls of functions, and ends what was counted before; nil only ends it.
func (s *State) Watch(functions map[*Proto]struct{}) *Probation {
	s.probation = nil
	if len(functions) > 0 {
		s.probation = &Probation{functions: functions}
	}
	return s.probation
}

// enterSpecial moves the arguments of a call to where the function expects them; it returns the base of its frame.
func (t *Thread) enterSpecial(nf *frame, p *Proto, slot, args int) (base int) {
	if p.special&specialCounted != 0 {
		t.state.probation.called(p)
	}
	if p.isVararg {
		nf.extra = max(0, args-p.numParams)
		return t.shiftVarargs(slot, args, p.numParams)
	}
	base = slot + 1
	for j := args; j < p.numParams; j++ {
		t.stack[base+j] = Value{}
	}
	return base
}

func (b *Probation) called(p *Proto) {
	if b == nil {
		return
	}
	if _, ok := b.functions[p]; ok {
		b.Calls++
	}
}

// failed counts the frames of t, from the running one down to end, that an error ends.
func (b *Probation) failed(t *Thread, end *frame) {
	if b == nil {
		return
	}
	for f := t.ci; f != end && f != &t.root; f = f.prev {
		if !f.isLua() {
			continue
		}
		if _, ok := b.functions[f.proto]; ok {
			b.Failed++
		}
	}
}
