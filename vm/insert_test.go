package vm

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Insert and Remove do what they do to a slice, whatever the order.
func TestTableInsertRemove(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	s := NewState(Options{})
	for range 50 {
		table, model := s.NewTable(0, 0), []float64{}
		for step := range 400 {
			n := len(model)
			if table.Len() != n {
				t.Fatalf("length %d, want %d", table.Len(), n)
			}
			if n > 0 && r.IntN(5) < 2 {
				i := 1 + r.IntN(n)
				if got := table.Remove(i).number(); got != model[i-1] {
					t.Fatalf("Remove(%d) of %v gave %v", i, model, got)
				}
				model = slices.Delete(model, i-1, i)
				continue
			}
			i := 1 + r.IntN(n+1)
			table.Insert(i, Number(float64(step)))
			model = slices.Insert(model, i-1, float64(step))
		}
		for i, want := range model {
			if got := table.GetInt(i + 1); got.number() != want {
				t.Fatalf("[%d] is %v, want %v", i+1, Text(got), want)
			}
		}
		if array := table.Array(); len(array) != len(model) {
			t.Fatalf("Array has %d values, want %d", len(array), len(model))
		}
	}
}

// Nils in the middle move along; at the end they shorten the table.
func TestTableInsertRemoveNils(t *testing.T) {
	s := NewState(Options{})
	table := s.NewTable(0, 0)
	table.SetList([]Value{Int(1), Nil(), Int(3), Nil(), Int(5)})
	table.Insert(1, Int(0))
	want := []Value{Int(0), Int(1), Nil(), Int(3), Nil(), Int(5)}
	for i, v := range want {
		if !RawEqual(table.GetInt(i+1), v) {
			t.Errorf("after Insert: [%d] is %s", i+1, Text(table.GetInt(i+1)))
		}
	}
	n := table.Len()
	last := table.GetInt(n)
	if v := table.Remove(n); !RawEqual(v, last) || !table.GetInt(n).IsNil() {
		t.Errorf("Remove gave %s, not %s, and left %s", Text(v), Text(last), Text(table.GetInt(n)))
	}
	n = table.Len()
	if table.Insert(n+1, Nil()); table.Len() != n {
		t.Errorf("a nil behind the end made the length %d", table.Len())
	}
}

func TestCallExtend(t *testing.T) {
	s := NewState(Options{})
	count := Function("count", func(c *Call) error {
		results, ok := c.Extend(c.CheckInt(1))
		if !ok {
			return c.Errorf("too many")
		}
		for i := range results {
			results[i] = Int(i + 1)
		}
		return nil
	})
	for _, n := range []int{0, 1, 100, 10000, 900000} {
		results, err := s.Main().Call(count, Int(n))
		if err != nil || len(results) != n || n > 0 && results[n-1].number() != float64(n) {
			t.Errorf("%d results: got %d, %v", n, len(results), err)
		}
	}
	for _, n := range []float64{2e6, 1 << 40, 1 << 62, 1 << 63} {
		if _, err := s.Main().Call(count, Number(n)); err == nil {
			t.Errorf("%v results: no error", n)
		}
	}
}
