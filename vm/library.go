package vm

// Library is a table of functions and constants that many states share until one of them writes to its own.
// It is immutable.
type Library struct {
	name  string
	nodes []node
	free  int32
	names names
}

// NewLibrary makes a library from functions, stored under their names less everything up to the last dot.
func NewLibrary(name string, functions []*GoFunction, constants map[string]Value) *Library {
	l := &Library{}
	l.name = l.names.canonical(name)
	t := (&State{}).NewTable(0, len(functions)+len(constants))
	for _, f := range functions {
		t.SetString(l.names.canonical(baseName(f.name)), f.Value())
	}
	for k, v := range constants {
		t.SetString(l.names.canonical(k), v)
	}
	l.nodes, l.free = t.nodes, t.lastFree
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

// Open makes the state's own table of a library.
func (s *State) Open(l *Library) *Table {
	s.charge(tableSize)
	return &Table{owner: s, nodes: l.nodes, lastFree: l.free, flags: tableShared}
}

// Fill stores the fields of a library in t, and makes room for as many more.
func (s *State) Fill(t *Table, l *Library) {
	if len(t.nodes) == 0 {
		t.resize(cap(t.arr), 2*len(l.nodes), 0, Value{})
	}
	for i := range l.nodes {
		if n := &l.nodes[i]; !n.val.IsNil() {
			t.setString(n.key, n.hash, n.val)
		}
	}
}
