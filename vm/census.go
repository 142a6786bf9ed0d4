package vm

import (
	"sort"
	"time"
	"unsafe"
)

// Census tells what of a state still runs, or will run, old code.
type Census struct {
	Frames  []OldFrame
	Stuck   []StuckClosure
	Orphans []Orphan
}

// OldFrame is an active function that goes on with the code that it was entered with.
type OldFrame struct {
	Coroutine  string // as tostring shows it
	Function   string
	File       string
	Line       int // the current one
	Generation int
	Since      time.Time // when its code was replaced
	Same       bool      // the new code of this very function is the same
}

// Orphan is a function that the new code does not have, but that something still holds.
type Orphan struct {
	Function, File string
	Line           int
}

// Census walks over all that the state holds. Apart from frames and functions of Go code's own, it finds everything.
// It must be called while no code of the state is running.
func (s *State) Census() Census {
	w := walker{state: s, seen: map[unsafe.Pointer]struct{}{}, named: map[*Proto]bool{}}
	if len(s.forwards) == 0 {
		return w.census
	}
	w.value(s.globals.Value())
	w.value(s.registry.Value())
	for _, t := range s.metas {
		if t != nil {
			w.value(t.Value())
		}
	}
	w.value(s.main.Value())
	if s.roots != nil {
		s.roots(func(t *Thread) { w.value(t.Value()) })
	}
	for len(w.todo) > 0 {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.visit(v)
	}
	c := &w.census
	sort.SliceStable(c.Frames, func(i, j int) bool { return c.Frames[i].Since.Before(c.Frames[j].Since) })
	sort.Slice(c.Stuck, func(i, j int) bool { return c.Stuck[i].String() < c.Stuck[j].String() })
	sort.Slice(c.Orphans, func(i, j int) bool {
		a, b := c.Orphans[i], c.Orphans[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	return *c
}

type walker struct {
	state  *State
	seen   map[unsafe.Pointer]struct{}
	todo   []Value
	named  map[*Proto]bool // orphans and stuck functions that are listed
	census Census
}

func (w *walker) value(v Value) {
	if !v.collectable() {
		return
	}
	if _, known := w.seen[v.p]; !known {
		w.seen[v.p] = struct{}{}
		w.todo = append(w.todo, v)
	}
}

func (w *walker) visit(v Value) {
	switch {
	case v.is(tagTable):
		t := v.table()
		if t.meta != nil {
			w.value(t.meta.Value())
		}
		for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
			w.value(k)
			w.value(v)
		}
	case v.is(tagLua):
		w.closure(v.closure())
	case v.is(tagUserdata):
		u := v.userdata()
		if u.meta != nil {
			w.value(u.meta.Value())
		}
		w.value(u.user)
	case v.is(tagThread):
		w.thread(v.thread())
	}
}

func (w *walker) closure(c *closure) {
	w.state.newest(c)
	for _, u := range c.upvals() {
		if u != nil {
			w.value(*u.v)
		}
	}
	p := c.proto
	fw := w.state.forwarding(p.unit)
	if fw == nil || p.parent == nil || w.named[p] {
		return
	}
	w.named[p] = true
	step := &fw.plan.steps[p.index]
	name, file, line := p.unit.info(p).path, chunkID(p.Source()), p.source.LineDefined
	if step.to == nil {
		w.census.Orphans = append(w.census.Orphans, Orphan{name, file, line})
		return
	}
	needs := step.stuck()
	if needs == "" {
		needs = w.state.absent(step)
	}
	w.census.Stuck = append(w.census.Stuck, StuckClosure{name, file, line, needs})
}

// absent returns the name of a variable that the main chunk should have and has not.
func (s *State) absent(step *step) string {
	m := s.units[step.to.unit]
	for i, src := range step.sources {
		if src == fromModule && (m == nil || m.cell(step.to, i) == nil) {
			return step.to.upvalueName(i)
		}
	}
	return "?"
}

func (w *walker) thread(t *Thread) {
	for _, v := range t.stack {
		w.value(v)
	}
	if t.status == StatusDead {
		return
	}
	for f := t.ci; f != nil && f != &t.root; f = f.prev {
		if !f.isLua() {
			continue
		}
		if fw := w.state.forwarding(f.proto.unit); fw != nil {
			w.census.Frames = append(w.census.Frames, OldFrame{
				Coroutine: Text(t.Value()), Function: f.proto.unit.info(f.proto).path, File: chunkID(f.proto.Source()),
				Line: f.line(), Generation: max(fw.generation, 1), Since: fw.since, Same: fw.plan.steps[f.proto.index].same(f.proto),
			})
		}
	}
}
