package vm

import (
	"time"
	"weak"
)

// module is what a state knows of a chunk that it has loaded from a file: the variables of its main function.
type module struct {
	cells      []*upvalue // by number of unit.cells; manyCells where a loop made several
	env        *upvalue
	generation int                   // of the reload that brought it; 0: it came as the state started, or by a plain require
	retired    map[variable]*upvalue // variables that a reload removed: closures may still have them
}

// manyCells stands for a variable that exists more than once: no closure can be given "the" variable.
var manyCells = &upvalue{}

// captured notes the variables of a main chunk's frame f that the new closure c shares.
func (s *State) captured(f *frame, c *closure) {
	u := c.proto.unit
	units := s.units
	if s.journal != nil {
		units = s.journal.units
	}
	m := units[u]
	if m == nil {
		if units == nil {
			units = map[*unit]*module{}
			s.units = units
		}
		info := u.info(c.proto) // analyses the unit
		_ = info
		m = &module{cells: make([]*upvalue, len(u.cells))}
		units[u] = m
	}
	if len(f.proto.upvalues) > 0 {
		m.env = upvalueAt(f.ups, 0)
	}
	for i, number := range u.info(c.proto).cell {
		if number < 0 {
			continue
		}
		switch cell := c.upvals()[i]; m.cells[number] {
		case nil:
			m.cells[number] = cell
		case cell:
		default:
			m.cells[number] = manyCells
		}
	}
}

// cell returns the variable behind upvalue i of p, or nil.
func (m *module) cell(p *Proto, i int) *upvalue {
	info := p.unit.info(p)
	if info.vars[i].function < 0 {
		return m.env
	}
	if n := info.cell[i]; n >= 0 && m.cells[n] != manyCells {
		return m.cells[n]
	}
	return nil
}

// forwarding leads closures of an old unit to the newest code, in one state.
type forwarding struct {
	plan       *plan
	generation int       // of the old unit
	since      time.Time // when it was replaced
}

// forwards has the old units of a state. Its keys don't keep them alive: when no closure and no frame has code of a
// unit any more, nobody will ask for its successor.
type forwards map[weak.Pointer[unit]]*forwarding

func (s *State) forwarding(u *unit) *forwarding {
	if len(s.forwards) == 0 || !u.superseded.Load() {
		return nil
	}
	return s.forwards[u.self]
}

// upgrade gives a closure the newest body of its function. When that is impossible the closure keeps its old one:
// see State.Census.
func (s *State) upgrade(c *closure) {
	fw := s.forwarding(c.proto.unit)
	if s.journal != nil {
		s.journal.closureWrite(c)
	}
	c.generation = s.generation
	if fw == nil {
		return
	}
	step := &fw.plan.steps[c.proto.index]
	if step.to == nil {
		return
	}
	if upvals := s.supply(step, c.upvals()); upvals != nil {
		c.proto = step.to
		c.move(upvals)
	}
}

// supply finds the variables that a new body needs; nil when one is missing.
func (s *State) supply(step *step, old []*upvalue) []*upvalue {
	upvals := make([]*upvalue, len(step.sources))
	m := s.units[step.to.unit]
	for i, src := range step.sources {
		switch {
		case src >= 0:
			upvals[i] = old[src]
		case src == fromModule && m != nil:
			upvals[i] = m.cell(step.to, i)
		}
		if upvals[i] == nil {
			return nil
		}
	}
	return upvals
}

// newest brings a closure up to date without calling it.
func (s *State) newest(c *closure) *closure {
	if c.generation != s.generation {
		s.upgrade(c)
	}
	return c
}

// generationOf returns the generation of p's code as users count it, or 0 when it was never reloaded.
func (s *State) generationOf(p *Proto) int {
	if fw := s.forwarding(p.unit); fw != nil {
		return fw.generation
	}
	if m := s.units[p.unit]; m != nil {
		return m.generation
	}
	return 0
}

// forward makes the plan's new unit the successor of u, and of all that u succeeded.
func (s *State) forward(u *unit, p *plan, generation int, patch *Patch) {
	next := forwards{}
	for key, fw := range s.forwards {
		old := key.Value()
		switch {
		case old == nil, old == p.to:
		case fw.plan.to == u:
			next[key] = &forwarding{patch.compose(fw.plan, p), fw.generation, fw.since}
		default:
			next[key] = fw
		}
	}
	next[u.self] = &forwarding{p, max(generation, 1), time.Now()}
	u.superseded.Store(true)
	s.forwards = next
}
