package vm

// Func is a function for Lua, written in Go. Arguments and results go through c.
// An error that it returns, or a panic, becomes a Lua error.
type Func func(c *Call) error

// GoFunction is a Go function as a Lua value. It is immutable, and may be shared by all states of a process.
type GoFunction struct {
	name string // for messages and tracebacks
	fn   Func
	id   builtin
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

// closure is a Lua function: a body (code and upvalues) that a reload may replace. Its address is its identity.
type closure struct {
	proto      *Proto
	upvals     []*upvalue
	generation uint32
	inner      *innerFunctions
}

// innerFunctions are the functions without variables of a call that a function has made: as in C Lua 5.2 they are made
// once and found equal the next time. They are in the order of Proto.protos.
type innerFunctions []*closure

// upvalue is a variable captured by closures: in its thread's stack while that frame lives, then here.
type upvalue struct {
	v    *Value   // into a stack, or &own
	own  Value    // the variable, when closed; while open, its payload is the index in the stack
	next *upvalue // the next open one of the thread, further down its stack
}

func (u *upvalue) index() int { return int(u.own.n) }

func (u *upvalue) close() {
	u.own = *u.v
	u.v = &u.own
	u.next = nil
}

// The arrays of a closure's upvalues are part of the closure's own allocation for the usual sizes.
type (
	closure1 struct {
		closure
		a [1]*upvalue
	}
	closure2 struct {
		closure
		a [2]*upvalue
	}
	closure4 struct {
		closure
		a [4]*upvalue
	}
)

const closureSize = 48

func newClosure(s *State, p *Proto) *closure {
	n := len(p.upvalues)
	s.charge(closureSize + 8*n)
	var c *closure
	switch {
	case n == 0:
		c = &closure{}
	case n == 1:
		x := &closure1{}
		c = &x.closure
		c.upvals = x.a[:]
	case n == 2:
		x := &closure2{}
		c = &x.closure
		c.upvals = x.a[:]
	case n <= 4:
		x := &closure4{}
		c = &x.closure
		c.upvals = x.a[:n]
	default:
		c = &closure{upvals: make([]*upvalue, n)}
	}
	c.proto, c.generation = p, s.generation
	if s.forwards != nil && p.unit.superseded.Load() {
		c.generation-- // made by a frame that runs old code: the first call looks for its successor
	}
	if s.journal != nil {
		s.journal.closures = append(s.journal.closures, c)
	}
	return c
}
