package vm

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
)

// layered returns a table over a library with the functions f0 to f19 and the lazy field own, and how often that was made.
func layered() (s *State, t *Table, made *atomic.Int32) {
	var functions []*GoFunction
	for i := range 20 {
		functions = append(functions, NewFunction(fmt.Sprint("lib.f", i), nil))
	}
	made = new(atomic.Int32)
	l := NewLazyLibrary("lib", functions, map[string]Value{"pi": Number(3)}, map[string]func(*State) Value{
		"own": func(s *State) Value {
			made.Add(1)
			return s.NewTable(0, 0).Value()
		},
	})
	s = NewState(Options{})
	t = s.NewTable(0, 0)
	s.Layer(t, l)
	return s, t, made
}

func fields(t *Table) map[string]int {
	found := map[string]int{}
	for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
		if !v.IsNil() {
			found[k.str()]++
		}
	}
	return found
}

func TestLayerTakesOverWhatIsUsed(t *testing.T) {
	_, tab, made := layered()
	if tab.Holds("f1") || tab.Holds("own") || made.Load() != 0 {
		t.Fatal("something was taken over before it was used")
	}
	if f, ok := tab.GetString("f1").AsGoFunction(); !ok || f.Name() != "lib.f1" {
		t.Fatal("f1 is not found")
	}
	own := tab.GetString("own")
	if own.IsNil() || tab.GetString("own") != own || made.Load() != 1 {
		t.Fatal("the lazy field is not one value, made once")
	}
	if !tab.Holds("f1") || tab.Holds("f2") || !tab.GetString("none").IsNil() || !tab.GetInt(1).IsNil() {
		t.Fatal("not what was asked for was taken over")
	}
}

func TestLayerWrites(t *testing.T) {
	_, tab, made := layered()
	tab.SetString("f2", Int(1)) // hides the library's
	tab.SetString("f3", Value{})
	tab.SetString("mine", Int(2))
	tab.SetString("nothing", Value{})
	if tab.GetString("f2") != Int(1) || !tab.GetString("f3").IsNil() {
		t.Fatal("writes are not seen")
	}
	want := map[string]int{"pi": 1, "own": 1, "mine": 1}
	for i := range 20 {
		want[fmt.Sprint("f", i)] = 1
	}
	delete(want, "f3")
	if got := fields(tab); !maps.Equal(got, want) {
		t.Fatalf("fields %v", slices.Sorted(maps.Keys(got)))
	}
	if made.Load() != 1 || !tab.GetString("f3").IsNil() {
		t.Fatal("the traversal has changed something")
	}
}

// A traversal that reads and clears fields of its table finds each of them once.
func TestLayerTraversal(t *testing.T) {
	_, tab, _ := layered()
	tab.SetString("mine", Int(1))
	n := 0
	for k, _, err := tab.Next(Value{}); !k.IsNil(); k, _, err = tab.Next(k) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		tab.GetString("f7")
		tab.GetString("own")
		tab.SetString(k.str(), Value{})
	}
	if n != 23 || len(fields(tab)) != 0 {
		t.Fatalf("%d fields, %d left", n, len(fields(tab)))
	}
}

// Code on trial sees what the library has, and its writes are undone; what it was the first to ask for stays.
func TestLayerUndo(t *testing.T) {
	s, tab, made := layered()
	j := s.newJournal()
	s.journal = j
	own := tab.GetString("own")
	tab.SetString("f1", Int(1))
	tab.SetString("f2", Value{})
	tab.SetString("mine", Int(3))
	s.undoAll(j)
	if f, ok := tab.GetString("f1").AsGoFunction(); !ok || f.Name() != "lib.f1" {
		t.Fatal("f1 is not what it was")
	}
	if tab.GetString("f2").IsNil() || !tab.GetString("mine").IsNil() {
		t.Fatal("writes were not undone")
	}
	if tab.GetString("own") != own || made.Load() != 1 || own.table().flags&tableNew != 0 {
		t.Fatal("the lazy field belongs to the trial")
	}
}

// One library is shared by states that write to their tables at the same time.
func TestLayerIsShared(t *testing.T) {
	_, one, _ := layered()
	l := one.role.base
	done := make(chan int)
	for range 8 {
		go func() {
			s := NewState(Options{})
			tab := s.NewTable(0, 0)
			s.Layer(tab, l)
			tab.SetString("f1", Int(1))
			tab.GetString("f2")
			done <- len(fields(tab))
		}()
	}
	for range 8 {
		if n := <-done; n != 22 {
			t.Error(n, "fields")
		}
	}
}

// What a metatable over a library says is found, as is what it doesn't say.
func TestLayerAsMetatable(t *testing.T) {
	s := NewState(Options{})
	index := s.NewTable(0, 1)
	index.SetString("x", Int(1))
	l := NewLibrary("lib", nil, map[string]Value{"__index": index.Value()})
	meta, obj := s.NewTable(0, 0), s.NewTable(0, 0)
	s.Layer(meta, l)
	s.SetMetatable(obj, meta)
	if v, done := obj.field(String("x"), hashString("x")); !done || v != Int(1) {
		t.Fatal(v, done)
	}
	meta.SetString("__index", Value{})
	if v, done := obj.field(String("x"), hashString("x")); done && !v.IsNil() {
		t.Fatal(v)
	}
}
