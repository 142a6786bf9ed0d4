// Package vm executes Lua 5.2.
//
// A State is one Lua universe: globals, metatables of the basic types, coroutines. It is entered by one goroutine
// at a time. Compiled code (Proto) and Go functions are immutable and shared by all states of a process.
package vm

import "math/rand/v2"

// State is one Lua universe. Make it with NewState.
type State struct {
	globals  *Table
	registry *Table
	metas    [KindThread + 1]*Table // metatables of the types that have one for all values
	main     *Thread
	current  *Thread // the coroutine that runs, or ran last
	compiler *Compiler
	stacks   *Stacks
	opened   []openedLibrary

	// Host is for the embedder: what its Go functions need to know of the state that they are called from.
	Host any

	generation uint32 // of code: raised by each reload; closures of an older one look for their successor when called
	units      map[*unit]*module
	forwards   forwards
	journal    *journal // of what new code does while it is on trial
	probation  *Probation
	quiet      bool // what runs is undone, or repeated: it should print nothing

	steps      int64 // until the next checkpoint
	budget     Budget
	memory     memory
	goDepth    int // calls from Go into Lua that are going on
	resumes    int // coroutines that wait for a coroutine
	handlers   int // message handlers that run
	finalizers finalizers
	tidied     uint32 // the last collection after which tidy did its work
	weakFinds  weakFinds
	random     *rand.PCG
	front      front
	roots      func(visit func(*Thread))
	alone      bool
}

// Options are the choices of a new State.
type Options struct {
	// Compiler is shared by the states of a process, so that each source is compiled once. Nil makes an own one.
	Compiler *Compiler
	// Stacks is shared by the states of a process, whose tasks (NewTask) then use each other's stacks. Nil means that each
	// task makes its own.
	Stacks *Stacks
	// Host is State.Host.
	Host any
	// Roots visits the coroutines that the embedder holds, for the measuring of the state's memory.
	Roots func(visit func(*Thread))
	// Alone says that Go code holds no Lua values between its calls into the state, but for those of FunctionHolding and
	// user values, and that nothing is reloaded. Then Collect can finalize tables that can be reached from themselves, and
	// variables of a file are held by nothing but its functions.
	Alone bool
}

// NewState makes a state with empty globals; package vm/lib fills them.
func NewState(o Options) *State {
	s := &State{compiler: o.Compiler, stacks: o.Stacks, Host: o.Host, roots: o.Roots, alone: o.Alone, steps: checkInterval}
	if s.compiler == nil {
		s.compiler = NewCompiler()
	}
	s.globals = s.NewTable(0, 8) // few services have fewer
	s.registry = s.NewTable(0, 2)
	s.main = s.newThread(0)
	s.main.status = StatusRunning // or normal; never one to resume
	s.current = s.main
	return s
}

// Globals returns the table of global variables.
func (s *State) Globals() *Table { return s.globals }

// Registry returns a table that scripts can't reach (but through debug.getregistry).
func (s *State) Registry() *Table { return s.registry }

// Compiler returns the compiler that the state shares with others.
func (s *State) Compiler() *Compiler { return s.compiler }

// Main returns the main coroutine.
func (s *State) Main() *Thread { return s.main }

// Current returns the coroutine that runs now.
func (s *State) Current() *Thread { return s.current }

// NewTable makes a table with room for array elements and other fields.
func (s *State) NewTable(array, fields int) *Table {
	n := hashSize(fields, 0)
	s.charge(tableSize + array*valueSize + n*nodeSize)
	t := newTable(n)
	t.owner = s
	if s.journal != nil {
		t.flags = tableNew
		s.journal.tables = append(s.journal.tables, t)
	}
	if array > 0 {
		t.arr = make([]Value, 0, array)
	}
	return t
}

// NewList makes a sequence of values.
func (s *State) NewList(values ...Value) *Table {
	t := s.NewTable(len(values), 0)
	t.setList(1, values)
	return t
}

// NewString returns a string and counts its bytes as the state's memory.
func (s *State) NewString(str string) Value {
	s.charge(len(str))
	return String(str)
}

// TypeMetatable returns the metatable that all values of a kind share (strings have one), or nil.
func (s *State) TypeMetatable(k Kind) *Table { return s.metas[k] }

// SetTypeMetatable sets the metatable of all values of a kind other than table and userdata.
func (s *State) SetTypeMetatable(k Kind, m *Table) {
	old := s.metas[k]
	s.OnUndo(func() { s.metas[k] = old })
	s.metas[k] = m
}

// Metatable returns the metatable of any value, or nil.
func (s *State) Metatable(v Value) *Table {
	switch {
	case v.is(tagTable):
		return v.table().meta
	case v.is(tagUserdata):
		return v.userdata().meta
	}
	return s.metas[v.Kind()]
}

// SetMetatable sets t's metatable, obeying __mode and __gc of it.
func (s *State) SetMetatable(t, m *Table) {
	if s.journal != nil {
		s.journal.metatableWrite(t)
	}
	t.meta = m
	if m != nil {
		m.takeRole()
		m.flags |= tableMeta
	} else if t.role == nil {
		return
	}
	t.setMode(metamethod(m, eventMode))
	if !metamethod(m, eventGC).IsNil() {
		if s.journal != nil && t.flags&tableNew != 0 {
			s.journal.watched = append(s.journal.watched, t)
			return
		}
		s.finalizers.watch(t)
	}
}
