package lpeg

import "github.com/luahost/luahost/vm"

// Same implements vm.Description, so that a reload replaces a pattern that new code makes otherwise.
func (p *pattern) Same(other any, same func(a, b vm.Value) bool) bool {
	q, ok := other.(*pattern)
	if !ok {
		return false
	}
	type pair struct{ a, b *node }
	seen := map[pair]bool{}
	for stack := []pair{{p.root, q.root}}; len(stack) > 0; {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		a, b := top.a, top.b
		if a == b || seen[top] {
			continue
		}
		seen[top] = true
		if a == nil || b == nil || !a.sameAlone(b, same) {
			return false
		}
		stack = append(stack, pair{a.a, b.a}, pair{a.b, b.b})
		if a.more == nil {
			continue
		}
		if len(a.more.rules) != len(b.more.rules) {
			return false
		}
		for i, r := range a.more.rules {
			j, ok := b.more.index[ruleKey(r.name)]
			if !ok || (i == 0) != (j == 0) {
				return false
			}
			stack = append(stack, pair{r.body, b.more.rules[j].body})
		}
	}
	return true
}

// sameAlone compares two nodes without their parts.
func (n *node) sameAlone(o *node, same func(a, b vm.Value) bool) bool {
	return n.op == o.op && n.kind == o.kind && n.n == o.n && n.m == o.m && n.text == o.text &&
		(n.op != opSet || n.props.first == o.props.first) && same(n.get(), o.get())
}
