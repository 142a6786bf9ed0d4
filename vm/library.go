package vm

import "unsafe"

// Library is a table of functions and constants that many states share until one of them writes to its own.
// It is immutable once it is in use.
type Library struct {
	name  string
	table Table // the fields
	names names
	lazy  []*lazyField
}

// lazyField is a field of which each state has a value of its own, made when it is first asked for.
type lazyField struct{ make func(s *State) Value }

// NewLibrary makes a library from functions, stored under their names less everything up to the last dot.
func NewLibrary(name string, functions []*GoFunction, constants map[string]Value) *Library {
	return NewLazyLibrary(name, functions, constants, nil)
}

// NewLazyLibrary makes a library that also has fields of which each state makes a value of its own when it is first asked
// for. Use it with State.Layer.
func NewLazyLibrary(name string, functions []*GoFunction, constants map[string]Value, lazy map[string]func(s *State) Value) *Library {
	l := &Library{}
	l.name = l.names.canonical(name)
	t := (&State{}).NewTable(0, len(functions)+len(constants)+len(lazy))
	for _, f := range functions {
		t.SetString(l.names.canonical(baseName(f.name)), f.Value())
	}
	for k, v := range constants {
		t.SetString(l.names.canonical(k), v)
	}
	for k, f := range lazy {
		field := &lazyField{f}
		l.lazy = append(l.lazy, field)
		t.SetString(l.names.canonical(k), Value{unsafe.Pointer(field), tagLazy})
	}
	l.table = *t
	return l
}

func baseName(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}

// Name returns the name given to NewLibrary.
func (l *Library) Name() string { return l.name }

// Open makes the state's own table of a library without lazy fields. It shares all of them until the first write.
func (s *State) Open(l *Library) *Table {
	s.charge(tableSize)
	t := l.table
	t.owner, t.flags = s, tableShared
	return &t
}

// Once is Open for a library of which a state has one table: the one that make made at the first call.
func (s *State) Once(l *Library, make func(s *State) *Table) *Table {
	for _, o := range s.opened {
		if o.library == l {
			return o.table
		}
	}
	t := make(s)
	s.opened = append(s.opened, openedLibrary{l, t})
	return t
}

type openedLibrary struct {
	library *Library
	table   *Table
}

// Layer puts a library below the fields of t, which is empty: a field that t is asked for, and does not have, is taken
// over from there. So t holds only what is used. A traversal, or the removal of such a field, takes over all.
func (s *State) Layer(t *Table, l *Library) {
	t.takeRole().base = l
	t.flags |= tableLayered
}

// Holds reports whether t has a field of its own: of a library below it, only what was asked for or set before.
func (t *Table) Holds(name string) bool { return t.findString(String(name), hashString(name)) != nil }

// find returns the node of a string key, or nil.
func (l *Library) find(key Value, h uint32) *node {
	return l.table.findString(key, h)
}

// pullFromBase takes a field over from the library below t, and returns its value.
func (t *Table) pullFromBase(key Value, h uint32) Value {
	n := t.role.base.find(key, h)
	if n == nil {
		return Value{}
	}
	// It was always there, as far as scripts can tell: it is not undone with code that is on trial.
	s := t.owner
	j := s.journal
	s.journal = nil
	defer func() { s.journal = j }()
	v := n.val
	if v.is(tagLazy) {
		v = (*lazyField)(v.p).make(s)
	}
	if own := t.findString(key, h); own != nil {
		return own.val // by the making of a lazy value
	}
	t.insert(n.key, h, v)
	return v
}

// inBase reports whether the library below t has a key.
func (t *Table) inBase(key Value) bool {
	return key.isString() && t.role.base.find(key, hashString(key.str())) != nil
}

// flatten takes over all fields of the library below t, if there is one.
func (t *Table) flatten() {
	if t.flags&tableLayered == 0 {
		return
	}
	nodes := t.role.base.table.nodes()
	for i := range nodes {
		if n := &nodes[i]; !n.val.IsNil() && t.findString(n.key, n.hash) == nil {
			t.pullFromBase(n.key, n.hash)
		}
	}
	t.flags &^= tableLayered
	t.role.base = nil
}
