package vm

import (
	"fmt"
	"sync/atomic"
	"time"
)

// checkInterval is how many steps (calls and backward jumps) pass between two looks at limits.
const checkInterval = 10000

// Budget limits what the code run for one message may use. Zero fields don't limit.
type Budget struct {
	Steps    int64     // calls and backward jumps, and the like work of library functions
	Deadline time.Time // on the wall clock

	used      int64
	slice     int64 // steps given out until the next checkpoint
	interrupt atomic.Pointer[string]
	locate    atomic.Pointer[func(position string)]
}

// memory counts what the state's values take. Allocations add to it; what the garbage collector frees is found by
// measuring, when the count has gone up by a good part of the limit.
type memory struct {
	used     int64
	measured int64 // used, when it was measured last
	limit    int64
	trigger  int64 // used at which to measure next
}

// SetBudget starts a new budget, for the next message.
func (s *State) SetBudget(steps int64, deadline time.Time) {
	s.budget.Steps, s.budget.Deadline = steps, deadline
	s.budget.used = 0
	s.refill()
}

func (s *State) refill() {
	s.budget.slice = checkInterval
	if left := s.budget.Steps - s.budget.used; s.budget.Steps > 0 && left < checkInterval {
		s.budget.slice = max(left, 0)
	}
	s.steps = s.budget.slice
}

// Interrupt ends what the state is running with an error that no pcall stops. It may be called from any goroutine.
func (s *State) Interrupt(reason string) { s.budget.interrupt.Store(&reason) }

// Locate has f told the position ("room.lua:12: ") of the Lua code that runs, at the next checkpoint.
// It may be called from any goroutine; f is called on the one that runs the code.
func (s *State) Locate(f func(position string)) { s.budget.locate.Store(&f) }

// SetMemoryLimit caps the bytes that the state's values may take; 0 means no cap.
func (s *State) SetMemoryLimit(bytes int64) {
	s.memory.limit, s.memory.trigger = bytes, bytes
}

// Memory returns the bytes that the state's values take, as counted at allocation since Count or a limit measured them.
func (s *State) Memory() int64 { return s.memory.used }

// charge counts an allocation that is small, or made already.
func (s *State) charge(bytes int) {
	s.memory.used += int64(bytes)
	if s.memory.used > s.memory.trigger && s.memory.limit > 0 {
		s.steps = -1
	}
}

// overLimit measures again before it says that more bytes are too many.
func (s *State) overLimit(more int64) bool {
	m := &s.memory
	if m.limit == 0 || m.used+more <= m.trigger {
		return false
	}
	if more <= m.limit {
		s.measure()
		m.trigger = m.limit
		if m.used < m.limit {
			m.trigger = max(m.limit, m.used+m.limit/8)
		}
	}
	over := m.used + more - m.limit
	if over > 0 && over < m.limit/handlingRoom {
		m.trigger = m.limit + over + m.limit/handlingStep
	}
	return over > 0
}

// Code that has run out of memory needs some to handle that: it is refused again when it has taken another handlingStep-th
// of the limit, and always when it is over the limit by a handlingRoom-th: a table that grows is measured when it has grown.
const (
	handlingRoom = 2
	handlingStep = 64
)

// maxAllocation bounds one string where no memory limit is set.
const maxAllocation = 1 << 32

// Reserve counts an allocation about to be made, or refuses it: "not enough memory".
func (s *State) Reserve(bytes int) error {
	if bytes > maxAllocation || s.overLimit(int64(bytes)) {
		return s.outOfMemory()
	}
	s.memory.used += int64(bytes)
	s.work(bytes)
	return nil
}

func (s *State) outOfMemory() *Error { return &Error{Value: String("not enough memory")} }

// Spend counts steps of work in a library function; the error ends the call.
func (s *State) Spend(steps int64) error {
	if s.steps -= steps; s.steps < 0 {
		s.tidy(s.current.freeSlot())
		return s.checkpoint(s.current)
	}
	return nil
}

// bytesPerStep is how many bytes are copied or looked at for one step of a budget.
const bytesPerStep = 64

// work counts what one instruction or call does with many bytes. The next checkpoint is not far.
func (s *State) work(bytes int) { s.steps -= int64(bytes) / bytesPerStep }

// workOn counts the work with a string as a whole: a comparison, a hash, a conversion.
func (s *State) workOn(v Value) {
	if v.isString() {
		s.work(len(v.str()))
	}
}

// Steps returns the count of steps left until the next checkpoint, for code that counts by itself.
// When it has gone below zero, that code calls Spend(0).
func (s *State) Steps() *int64 { return &s.steps }

// manyResults is how many results of one call are work.
const manyResults = 64

// deliverWork counts the copying of a call's results, which functions that pass them on may repeat at each level. It is no
// place for finalizers: the results are on the stack.
func (s *State) deliverWork(t *Thread, n int) error {
	if s.work(n * valueSize); s.steps < 0 {
		return s.checkLimits(t)
	}
	return nil
}

// checkpoint looks at all limits after a slice of steps, and runs the finalizers that are due.
func (s *State) checkpoint(t *Thread) error {
	if err := s.checkLimits(t); err != nil {
		return err
	}
	if err := s.runFinalizers(); isFatal(err) {
		return err
	}
	return nil
}

func (s *State) checkLimits(t *Thread) error {
	b := &s.budget
	b.used += b.slice - s.steps
	s.refill()
	if f := b.locate.Swap(nil); f != nil {
		(*f)(t.position())
	}
	if reason := b.interrupt.Swap(nil); reason != nil {
		return s.stop(t, *reason)
	}
	if b.Steps > 0 && b.used >= b.Steps {
		return s.stop(t, fmt.Sprintf("instruction budget of %d exceeded", b.Steps))
	}
	if !b.Deadline.IsZero() && time.Now().After(b.Deadline) {
		return s.stop(t, "deadline exceeded")
	}
	if s.overLimit(0) {
		return s.outOfMemory()
	}
	return nil
}

func (s *State) stop(t *Thread, reason string) error {
	return &Error{Value: String(t.position() + reason), fatal: true}
}

// position returns "source:line: " of the innermost Lua function.
func (t *Thread) position() string {
	for f := t.ci; f != nil && f != &t.root; f = f.prev {
		if f.isLua() {
			return f.where()
		}
	}
	return ""
}
