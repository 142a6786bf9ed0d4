package vm

import (
	"testing"
	"unsafe"
)

// The places of the hash part that are computed without a check of bounds are those of the slice that it was made of.
func TestNodesAreThoseOfTheSlice(t *testing.T) {
	for _, n := range []int{1, 2, 4, 32, 1 << 12} {
		nodes := make([]node, n)
		var tab Table
		tab.setNodes(nodes)
		if got := tab.nodes(); len(got) != n || &got[0] != &nodes[0] {
			t.Fatalf("%d nodes: got %d", n, len(got))
		}
		for _, h := range []int{0, 1, n - 1, n, n + 1, 1<<31 - 1, -1} {
			if got, want := tab.node(h), &nodes[h&(n-1)]; got != want {
				t.Errorf("%d nodes, hash %d: another node", n, h)
			}
		}
		for i := range nodes {
			if got := tab.chained(&node{next: int32(i + 1)}); got != &nodes[i] {
				t.Errorf("%d nodes: next %d is another node", n, i+1)
			}
		}
	}
	var empty Table
	empty.setNodes(nil)
	if len(empty.nodes()) != 0 {
		t.Error("a table without nodes has some")
	}
	defer func() {
		if recover() == nil {
			t.Error("three nodes were taken")
		}
	}()
	empty.setNodes(make([]node, 3))
}

// What a table has grown out of keeps nothing alive.
func TestNodesInsideAreCleared(t *testing.T) {
	s := NewState(Options{})
	tab := s.NewTable(0, 2)
	inside := tab.nodes()
	if !tab.inside(inside) {
		t.Fatal("two nodes are not in the table's object")
	}
	for _, k := range []string{"a", "b", "c"} {
		tab.SetString(k, s.NewTable(0, 0).Value())
	}
	if tab.inside(tab.nodes()) {
		t.Fatal("three fields are in two nodes")
	}
	for _, n := range inside {
		if !n.key.IsNil() || !n.val.IsNil() {
			t.Errorf("a node that is out of use holds %v", n)
		}
	}
	for _, k := range []string{"a", "b", "c"} {
		if _, ok := tab.GetString(k).AsTable(); !ok {
			t.Errorf("field %s is lost", k)
		}
	}
	final := s.NewTable(0, 4)
	final.SetString("x", Int(1))
	final.detach()
	if final.inside(final.nodes()) || final.GetString("x") != Int(1) {
		t.Error("detached nodes are where they were, or lost")
	}
}

func TestSizes(t *testing.T) {
	if s := unsafe.Sizeof(Table{}); s != tableSize {
		t.Errorf("a table has %d bytes, not %d", s, tableSize)
	}
	if s := unsafe.Sizeof(node{}); s != nodeSize {
		t.Errorf("a node has %d bytes, not %d", s, nodeSize)
	}
}
