package vm

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// finalizers are the tables with a __gc metamethod. Go's garbage collector tells when one is unreachable; its __gc runs
// at the state's next checkpoint. A table that can be reached from itself is not found by Go: see findCycles.
type finalizers struct {
	mu      sync.Mutex
	due     []dueTable
	some    atomic.Bool // due is not empty
	count   int         // of the tables marked so far
	watched []watchedTable
	running bool
}

const finalBytes = 72 // about what Go and the state keep for a table with a finalizer

// watchedTable is a table that was marked for finalization, as the order-th one.
type watchedTable struct {
	table weak.Pointer[Table]
	order int
}

// dueTable is a table that was found unreachable; order is when it was marked for finalization.
type dueTable struct {
	table *Table
	order int
}

// watch marks t for finalization, once for ever: as in C Lua 5.2, a table that was finalized is not marked again.
func (f *finalizers) watch(t *Table) {
	if t.flags&tableFinal != 0 {
		return
	}
	t.flags |= tableFinal
	t.owner.charge(finalBytes)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget()
	f.count++
	order := f.count
	f.watched = append(f.watched, watchedTable{weak.Make(t), order})
	t.detach()
	runtime.SetFinalizer(t, func(t *Table) { f.unreachable(dueTable{t, order}) })
}

// forget drops what was collected, when that may be half of the list.
func (f *finalizers) forget() {
	if len(f.watched) < 64 || len(f.watched) != cap(f.watched) {
		return
	}
	live := f.watched[:0]
	for _, w := range f.watched {
		if w.table.Value() != nil {
			live = append(live, w)
		}
	}
	f.watched = live
}

// unreachable is called by the runtime's goroutine.
func (f *finalizers) unreachable(t dueTable) {
	f.mu.Lock()
	f.due = append(f.due, t)
	f.some.Store(true)
	f.mu.Unlock()
}

// take returns the tables that are due, the newest first.
func (f *finalizers) take() []dueTable {
	f.mu.Lock()
	due := f.due
	f.due = nil
	f.some.Store(false)
	f.mu.Unlock()
	slices.SortFunc(due, func(a, b dueTable) int { return b.order - a.order })
	return due
}

// runFinalizers calls the __gc of what was collected, the newest first. An error does not keep the others from running;
// the first one is returned. Only collectgarbage raises it: elsewhere it would hit code that has nothing to do with it.
func (s *State) runFinalizers() (err error) {
	f := &s.finalizers
	if !f.some.Load() || f.running {
		return nil
	}
	f.running = true
	for _, d := range f.take() {
		if e := s.finalize(d.table); err == nil {
			err = e
		}
	}
	f.running = false
	return err
}

func (s *State) finalize(t *Table) error {
	h := metamethod(t.meta, eventGC)
	if !h.IsFunction() {
		return nil
	}
	_, err := s.current.callAt(s.current.freeSlot(), frameShield, h, t.Value())
	if err == nil || isFatal(err) {
		return err
	}
	message := "no message"
	if text, ok := err.(*Error).Value.AsString(); ok {
		message = text
	}
	return &Error{Value: String("error in __gc metamethod (" + message + ")"), handled: true} // no message handler, as in C Lua
}

// Close runs the __gc metamethods that are left, the newest first, and lets go of the state's objects.
// A state whose tables have __gc is not collected by Go before that.
func (s *State) Close() {
	f := &s.finalizers
	s.current = s.main
	_ = s.runFinalizers()
	for i := len(f.watched) - 1; i >= 0; i-- {
		if t := f.watched[i].table.Value(); t != nil {
			runtime.SetFinalizer(t, nil)
			_ = s.finalize(t)
		}
	}
	f.watched, f.due = nil, nil
}

// Collect has Go's garbage collector run, and then the __gc metamethods of what it found; it corrects Memory.
// The error is that of a __gc metamethod.
func (s *State) Collect() error {
	s.steps = min(s.steps, 0) // it takes long: the next step looks at the limits
	s.dropStale(s.current.freeSlot())
	s.reach().pruneInner()
	found := make(chan struct{})
	// When the finalizer of this object has run, so have those of the tables found before it.
	probe := &struct{ done chan struct{} }{found}
	runtime.SetFinalizer(probe, func(p *struct{ done chan struct{} }) { close(p.done) })
	probe = nil
	runtime.GC()
	select {
	case <-found:
	case <-time.After(finalizerPatience):
	}
	s.findCycles()
	s.dropWeak()
	err := s.runFinalizers()
	s.measure()
	return err
}

// finalizerPatience bounds the wait for Go's finalizers: where many programs want the processor, theirs come late.
const finalizerPatience = 2 * time.Second

// collections counts how often Go's garbage collector has run.
type collections struct {
	n      atomic.Uint32
	forced atomic.Uint32 // n, when force ran it last
}

// force runs the collector and waits for it, unless that was done lately.
func (c *collections) force() {
	last, n := c.forced.Load(), c.n.Load()
	if n-last >= minPatience && c.forced.CompareAndSwap(last, n) {
		runtime.GC()
	}
}

// sentinel is an object that each collection finds unreachable. A new one takes its place as long as somebody counts.
type sentinel struct{ counter weak.Pointer[collections] }

func (c *collections) count() {
	runtime.SetFinalizer(&sentinel{weak.Make(c)}, func(s *sentinel) {
		if c := s.counter.Value(); c != nil {
			c.n.Add(1)
			c.count()
		}
	})
}

// tidy drops, once after each collection, what the running functions don't use any more. live is the first slot of the
// stack that is not in use. Without it "repeat x = {} until finalized"
// might hold on for ever to a table that a register still has.
func (s *State) tidy(live int) {
	if n := s.compiler.collections.n.Load(); n != s.tidied {
		s.tidied = n
		s.dropStale(live)
	}
}

// Objects that a program finds in weak tables while Go's collector is at work survive that collection, so a program that
// looks all the time ("while cache[1] do ... end") would see them for ever. After so many collections in a row with such finds
// it stands still for one; each time that happens it takes twice as many, for a program may well use what it finds.
const (
	minPatience = 3
	maxPatience = 8
)

// standStill does that. It must be called between two statements.
func (s *State) standStill() {
	w := &s.weakFinds
	if w.seen == s.tidied {
		return
	}
	w.seen = s.tidied
	if !w.any {
		w.inRow = 0
		return
	}
	w.any = false
	if w.inRow++; w.inRow >= max(w.patience, minPatience) {
		w.inRow = 0
		w.patience = min(2*max(w.patience, minPatience), maxPatience)
		s.compiler.collections.force()
	}
}

// weakFinds are the objects that a state has found in weak tables.
type weakFinds struct {
	any             bool   // since the last collection
	seen            uint32 // the last collection that was looked at
	inRow, patience int
}

// dropStale forgets what functions that have returned, and expressions that were evaluated, left on the stacks.
// live is the first slot of the running stack that is not in use.
func (s *State) dropStale(live int) {
	s.current.dropStale(live)
	for t := s.current.parent; t != nil; t = t.parent {
		t.dropStale(t.freeSlot())
	}
}

func (t *Thread) dropStale(live int) {
	if t.open != nil {
		live = max(live, t.open.index()+1)
	}
	clear(t.stack[min(live, len(t.stack)):])
	t.goCall.resume = nil
	for f := t.ci; f != &t.root; f = f.prev {
		f.made = nil
		if f.isLua() {
			f.fn, f.k = nil, nil
		} else {
			f.cl, f.proto, f.ups = nil, nil, nil
		}
	}
	for f := t.ci.next; f != nil; f = f.next {
		*f = frame{prev: f.prev, next: f.next}
	}
}

// liveSlot returns the first slot that the running Lua function does not use between two statements: the one behind its
// local variables. Where code was stripped of their names, all its registers count as used.
func (t *Thread) liveSlot() int {
	f := t.ci
	if f == &t.root || !f.isLua() {
		return t.freeSlot()
	}
	return f.base + f.proto.liveRegisters(f.pc)
}

// Count returns the bytes that the state's values take. Where much was allocated since that was last measured,
// it measures again.
func (s *State) Count() int64 {
	if m := &s.memory; m.used > 2*m.measured+1<<20 {
		s.measure()
	}
	return s.memory.used
}
