package vm

import (
	"math/bits"
	"unsafe"
)

// The hash part of a table is a power of two of nodes, or none. A slice of them would make each table a quarter larger, so
// a table has the address of the first node and the logarithm of their number.
//
// Invariant: unless first is nil, it is the first of 1<<log nodes; only setNodes writes either. So the place that node and
// chained compute is inside: the one masks it, the other is given what insert stored for the same nodes.

// newTable makes a table with n nodes. A few are in one object with the table, and stay with it if it grows out of them.
func newTable(n int) *Table {
	var t *Table
	var nodes []node
	switch n {
	case 0:
		return &Table{}
	case 1:
		o := new(struct {
			t     Table
			nodes [1]node
		})
		t, nodes = &o.t, o.nodes[:]
	case 2:
		o := new(struct {
			t     Table
			nodes [2]node
		})
		t, nodes = &o.t, o.nodes[:]
	case 4:
		o := new(struct {
			t     Table
			nodes [4]node
		})
		t, nodes = &o.t, o.nodes[:]
	default:
		t, nodes = &Table{}, make([]node, n)
	}
	t.setNodes(nodes)
	t.lastFree = int32(n)
	return t
}

// inside reports whether the nodes are in the table's own object.
func (t *Table) inside(nodes []node) bool {
	return len(nodes) > 0 && uintptr(unsafe.Pointer(&nodes[0])) == uintptr(unsafe.Pointer(t))+tableSize
}

// leave lets go of nodes that the table has had: those in its own object would keep what they refer to.
func (t *Table) leave(nodes []node) {
	if t.inside(nodes) {
		clear(nodes)
	}
}

// detach gives the nodes an object of their own: Go never finalizes an object that points to itself.
func (t *Table) detach() {
	if nodes := t.nodes(); t.inside(nodes) {
		t.setNodes(append([]node(nil), nodes...))
		t.leave(nodes)
	}
}

// nodes returns the hash part.
func (t *Table) nodes() []node {
	if t.first == nil {
		return nil
	}
	return unsafe.Slice(t.first, 1<<(t.log&31))
}

// setNodes makes nodes, a power of two of them or none, the hash part.
func (t *Table) setNodes(nodes []node) {
	if len(nodes)&(len(nodes)-1) != 0 {
		panic("vm: not a power of two")
	}
	t.first, t.log = nil, 0
	if len(nodes) > 0 {
		t.first, t.log = &nodes[0], uint8(bits.TrailingZeros(uint(len(nodes))))
	}
}

// node returns the main place of keys with the hash h. There must be nodes. It is written such that the compiler takes it
// into State.execute, which has a low bound for that.
func (t *Table) node(h int) *node {
	return (*node)(unsafe.Add(unsafe.Pointer(t.first), h&(1<<(t.log&31)-1)*nodeSize))
}

// place is the index of that node.
func (t *Table) place(h int) int { return h & (1<<(t.log&31) - 1) }

// chained returns the node that comes after n in its chain; n.next must not be 0.
func (t *Table) chained(n *node) *node {
	return (*node)(unsafe.Add(unsafe.Pointer(t.first), uintptr(n.next-1)*nodeSize))
}
