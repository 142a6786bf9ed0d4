package vm

// Fields yields the fields that are not elements of Array, in the order of Next. The loop may not add any.
func (t *Table) Fields(yield func(k, v Value) bool) {
	if t.flags&tableWeak != 0 {
		for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
			if !yield(k, v) {
				return
			}
		}
		return
	}
	t.flatten()
	nodes := t.nodes()
	for i := range nodes {
		if n := &nodes[i]; !n.val.IsNil() && !yield(n.key, n.val) {
			return
		}
	}
}
