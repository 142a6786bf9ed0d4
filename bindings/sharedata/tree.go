// Package sharedata implements skynet.sharedata.core: named trees of values that all services of a host read without
// copies. A tree is immutable; an update puts another one in its place, and readers see it at their next access.
package sharedata

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Tree is an immutable table.
type Tree struct {
	list   []value // from index 1
	fields map[key]value
	keys   []key // of fields, in the order of the table that the tree was made of
}

// key is a string, number or boolean.
type key struct {
	text   string
	number float64
	kind   vm.Kind
}

// value is a scalar, or a tree.
type value struct {
	scalar vm.Value
	tree   *Tree
}

func keyOf(v vm.Value) (k key, ok bool) {
	k.kind = v.Kind()
	switch k.kind {
	case vm.KindString:
		k.text, _ = v.AsString()
	case vm.KindNumber:
		k.number, _ = v.AsNumber()
	case vm.KindBoolean:
		if v.Truthy() {
			k.number = 1
		}
	default:
		return k, false
	}
	return k, true
}

func (k key) value() vm.Value {
	switch k.kind {
	case vm.KindString:
		return vm.String(k.text)
	case vm.KindNumber:
		return vm.Number(k.number)
	}
	return vm.Bool(k.number != 0)
}

// maxDepth is how deep tables may be nested.
const maxDepth = 128

// NewTree copies a table. Values are booleans, numbers, strings and tables.
func NewTree(t *vm.Table) (*Tree, error) { return newTree(t, 0) }

func newTree(t *vm.Table, depth int) (*Tree, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("tables are nested more than %d deep, or contain themselves", maxDepth)
	}
	tree := &Tree{fields: map[key]value{}}
	for i := 1; !t.GetInt(i).IsNil(); i++ {
		v, err := newValue(t.GetInt(i), depth)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		tree.list = append(tree.list, v)
	}
	var name, field vm.Value
	for {
		var err error
		if name, field, err = t.Next(name); err != nil || name.IsNil() {
			return tree, err
		}
		if f, ok := name.AsNumber(); ok && f == float64(int(f)) && f >= 1 && int(f) <= len(tree.list) {
			continue
		}
		k, ok := keyOf(name)
		if !ok {
			return nil, fmt.Errorf("a key is a %s: want strings, numbers and booleans", name.Kind())
		}
		v, err := newValue(field, depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", vm.Text(name), err)
		}
		tree.keys = append(tree.keys, k)
		tree.fields[k] = v
	}
}

func newValue(v vm.Value, depth int) (value, error) {
	switch v.Kind() {
	case vm.KindBoolean, vm.KindNumber, vm.KindString:
		return value{scalar: v}, nil
	case vm.KindTable:
		t, _ := v.AsTable()
		tree, err := newTree(t, depth+1)
		return value{tree: tree}, err
	}
	return value{}, fmt.Errorf("a %s can't be shared", v.Kind())
}

// get returns the value of a key.
func (t *Tree) get(v vm.Value) (value, bool) {
	if f, ok := v.AsNumber(); ok {
		if i := int(f); float64(i) == f && i >= 1 && i <= len(t.list) {
			return t.list[i-1], true
		}
	}
	k, ok := keyOf(v)
	if !ok {
		return value{}, false
	}
	found, ok := t.fields[k]
	return found, ok
}

// next returns the key and value behind a key; nil begins.
func (t *Tree) next(after vm.Value, index map[key]int) (vm.Value, value, bool) {
	i := 0
	if !after.IsNil() {
		if f, ok := after.AsNumber(); ok && f == float64(int(f)) && f >= 1 && int(f) <= len(t.list) {
			i = int(f)
		} else if k, ok := keyOf(after); ok {
			at, known := index[k]
			if !known {
				return vm.Nil(), value{}, false
			}
			i = len(t.list) + at + 1
		}
	}
	if i < len(t.list) {
		return vm.Int(i + 1), t.list[i], true
	}
	if i -= len(t.list); i < len(t.keys) {
		return t.keys[i].value(), t.fields[t.keys[i]], true
	}
	return vm.Nil(), value{}, false
}

// copyTo makes a table of a tree.
func (t *Tree) copyTo(s *vm.State) *vm.Table {
	table := s.NewTable(len(t.list), len(t.keys))
	t.fill(s, table)
	return table
}

func (t *Tree) fill(s *vm.State, table *vm.Table) {
	set := func(k vm.Value, v value) {
		if v.tree != nil {
			v.scalar = v.tree.copyTo(s).Value()
		}
		_ = table.Set(k, v.scalar) // the key was one before
	}
	for i, v := range t.list {
		set(vm.Int(i+1), v)
	}
	for _, k := range t.keys {
		set(k.value(), t.fields[k])
	}
}

// entry is what a name stands for. One that was deleted keeps its last tree, for those who read it.
type entry struct {
	name string

	mu      sync.Mutex
	tree    *Tree
	version int
	readers map[*host.Service]*root
}

// current returns the newest tree and its version.
func (e *entry) current() (*Tree, int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tree, e.version
}

// set puts a tree in place of the one before, and has the readers go over to it.
func (e *entry) set(t *Tree) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tree = t
	e.version++
	version := e.version
	for svc, r := range e.readers {
		svc.Post(func(*host.Service) { r.update(t, version) })
	}
}

// addReader has a service's root follow the entry until the service ends.
func (e *entry) addReader(svc *host.Service, r *root) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.readers == nil {
		e.readers = map[*host.Service]*root{}
	}
	e.readers[svc] = r
}

func (e *entry) dropReader(svc *host.Service) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.readers, svc)
}

// store is the entries of a host.
type store struct {
	mu      sync.RWMutex
	entries map[string]*entry
}

func (s *store) find(name string) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.entries[name]
}

// put sets the tree of a name.
func (s *store) put(name string, t *Tree) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[name]
	if e == nil {
		e = &entry{name: name}
		s.entries[name] = e
	}
	e.set(t)
}

func (s *store) remove(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.entries[name]
	delete(s.entries, name)
	return ok
}

func (s *store) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.entries))
}
