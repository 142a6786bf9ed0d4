package vm

import "unsafe"

// Func is a function for Lua, written in Go. Arguments and results go through c.
// An error that it returns, or a panic, becomes a Lua error.
type Func func(c *Call) error

// GoFunction is a Go function as a Lua value. It is immutable, and may be shared by all states of a process.
type GoFunction struct {
	name  string // for messages and tracebacks
	fn    Func
	id    builtin
	holds Value // that fn refers to
}

// builtin tells the interpreter of functions that it knows a short cut for.
type builtin uint8

const (
	builtinNone builtin = iota
	builtinNext
	builtinIpairs
)

// NewFunction makes a function named as in messages ("bad argument #1 to 'name'").
func NewFunction(name string, fn Func) *GoFunction { return &GoFunction{name: name, fn: fn} }

// NewNext makes the function behind Lua's next, which the interpreter knows how to step by itself.
func NewNext(name string, fn Func) *GoFunction {
	return &GoFunction{name: name, fn: fn, id: builtinNext}
}

// NewIpairsStep makes the iterator behind ipairs, which the interpreter knows how to step by itself.
func NewIpairsStep(name string, fn Func) *GoFunction {
	return &GoFunction{name: name, fn: fn, id: builtinIpairs}
}

// Name returns the name given to NewFunction.
func (f *GoFunction) Name() string { return f.name }

// Value returns f as a Lua value.
func (f *GoFunction) Value() Value { return goValue(f) }

// Function makes a Lua value of a Go function.
func Function(name string, fn Func) Value { return goValue(NewFunction(name, fn)) }

// FunctionHolding is Function for a fn that refers to v, of which the state would not know otherwise: v's memory counts as
// the state's, and Collect sees that v is in use.
func FunctionHolding(name string, fn Func, v Value) Value {
	return goValue(&GoFunction{name: name, fn: fn, holds: v})
}

// closure is a Lua function: a body (code and upvalues) that a reload may replace. Its address is its identity.
//
// The upvalues stand right behind it, in the same allocation: see closureOf. A body that a reload brings has a list of its
// own, since frames that run the old one go on with the old list.
type closure struct {
	proto      *Proto
	more       *closureMore
	generation uint32
	moved      bool // the upvalues are in more
}

// closureMore is what few closures have.
type closureMore struct {
	upvals []*upvalue
	inner  innerFunctions
}

// innerFunctions are the functions without variables of a call that a function has made: as in C Lua 5.2 they are made
// once and found equal the next time. They are in the order of Proto.protos.
type innerFunctions []*closure

// upvalue is a variable captured by closures: in its thread's stack while that frame lives, then here.
// Those that are open form a list of their thread, the highest in the stack first.
type upvalue struct {
	v   *Value // into a stack, or &own
	own Value  // the variable, when closed; while open, its index in the stack and the next in the list
}

func newOpenUpvalue(v *Value, index int, next *upvalue) *upvalue {
	return &upvalue{v: v, own: Value{unsafe.Pointer(next), uint64(index)}}
}

func newUpvalue(v Value) *upvalue {
	u := &upvalue{own: v}
	u.v = &u.own
	return u
}

func (u *upvalue) index() int     { return int(u.own.n) }
func (u *upvalue) next() *upvalue { return (*upvalue)(u.own.p) }

func (u *upvalue) setNext(next *upvalue) { u.own.p = unsafe.Pointer(next) }

func (u *upvalue) close() {
	u.own = *u.v
	u.v = &u.own
}

// closureOf makes room for n upvalues behind a closure, in the sizes that the allocator has.
func closureOf(n int) *closure {
	switch {
	case n <= 1:
		return &new(struct {
			closure
			_ [1]*upvalue
		}).closure
	case n <= 3:
		return &new(struct {
			closure
			_ [3]*upvalue
		}).closure
	case n <= 5:
		return &new(struct {
			closure
			_ [5]*upvalue
		}).closure
	case n <= 7:
		return &new(struct {
			closure
			_ [7]*upvalue
		}).closure
	case n <= 13:
		return &new(struct {
			closure
			_ [13]*upvalue
		}).closure
	}
	c := &closure{}
	c.move(make([]*upvalue, n))
	return c
}

const closureSize = int(unsafe.Sizeof(closure{}))

func newClosure(s *State, p *Proto) *closure {
	n := len(p.upvalues)
	s.charge(closureSize + 8*n)
	c := closureOf(n)
	c.proto, c.generation = p, s.generation
	if s.forwards != nil && p.unit.superseded.Load() {
		c.generation-- // made by a frame that runs old code: the first call looks for its successor
	}
	if s.journal != nil {
		s.journal.closures = append(s.journal.closures, c)
	}
	return c
}

// upvals returns the closure's variables; writing to the list changes them.
func (c *closure) upvals() []*upvalue {
	if n := len(c.proto.upvalues); n > 0 {
		return unsafe.Slice((**upvalue)(c.ups()), n)
	}
	return nil
}

// move gives the closure a new list of variables.
func (c *closure) move(upvals []*upvalue) {
	m := &closureMore{upvals: upvals}
	if c.more != nil {
		m.inner = c.more.inner
	}
	c.more, c.moved = m, true
}
