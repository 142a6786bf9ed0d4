package lpeg

import (
	"fmt"

	"github.com/luahost/luahost/vm"
)

// newGrammar makes a grammar of rules, the first of which is where it begins. The errors are those of a rule that is
// undefined, left recursive or loops without consuming.
func newGrammar(rules []rule) (*node, error) {
	g := &grammar{rules: rules, index: make(map[any]int, len(rules)), props: map[*node]*props{}}
	n := &node{op: opGrammar, more: g}
	n.props.size, n.props.depth = 2, 1
	for i, r := range rules {
		g.index[ruleKey(r.name)] = i
		n.props.size = min(n.props.size+r.body.props.size+2, maxSize+1)
		n.props.depth = max(n.props.depth, r.body.props.depth+1)
	}
	nodes, used, err := g.openNodes()
	if err != nil {
		return nil, err
	}
	g.solve(nodes)
	n.props.take(g.of(rules[0].body))
	if err := g.checkRecursion(); err != nil {
		return nil, err
	}
	for i, r := range rules {
		if used[i] && g.hasEmptyLoop(r.body) {
			return nil, fmt.Errorf("empty loop in rule '%s'", nameOf(r.name))
		}
	}
	return n, nil
}

// of returns the properties of a node of the grammar.
func (g *grammar) of(n *node) *props {
	if !n.props.open {
		return &n.props
	}
	return g.props[n]
}

// openNodes returns the nodes that refer to rules, parts and rules before what refers to them as far as possible, and
// tells which rules are used: the first, and those that some rule refers to.
func (g *grammar) openNodes() (nodes []*node, used []bool, err error) {
	used = make([]bool, len(g.rules))
	used[0] = true
	type visit struct {
		n    *node
		done bool
	}
	for _, r := range g.rules {
		for stack := []visit{{n: r.body}}; len(stack) > 0; {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			switch {
			case v.n == nil || !v.n.props.open:
			case v.done:
				nodes = append(nodes, v.n)
			case g.props[v.n] == nil:
				p := v.n.props
				g.props[v.n] = &p
				stack = append(stack, visit{v.n, true}, visit{n: v.n.b}, visit{n: v.n.a})
				if v.n.op == opRule {
					i, ok := g.index[ruleKey(v.n.value)]
					if !ok {
						return nil, nil, fmt.Errorf("rule '%s' undefined in given grammar", nameOf(v.n.value))
					}
					used[i] = true
					stack = append(stack, visit{n: g.rules[i].body})
				}
			}
		}
	}
	return nodes, used, nil
}

// solve computes the properties of nodes whose rules refer to one another: from what holds if no rule ever matches,
// upwards until nothing changes.
func (g *grammar) solve(nodes []*node) {
	for changed := true; changed; {
		changed = false
		for _, n := range nodes {
			p := g.props[n]
			old := *p
			g.derive(n, p)
			changed = changed || *p != old
		}
	}
}

func (g *grammar) derive(n *node, p *props) {
	if n.op == opRule {
		p.take(g.of(g.rules[g.index[ruleKey(n.value)]].body))
		p.fixed = -1
		return
	}
	var a, b *props
	if n.a != nil {
		a = g.of(n.a)
	}
	if n.b != nil {
		b = g.of(n.b)
	}
	n.derive(p, a, b)
}

// checkRecursion looks for a rule that may call itself before anything is consumed.
func (g *grammar) checkRecursion() error {
	const (
		unseen = iota
		active
		done
	)
	state := make([]uint8, len(g.rules))
	type visit struct {
		rule  int
		calls []int
	}
	for start := range g.rules {
		if state[start] != unseen {
			continue
		}
		state[start] = active
		for path := []visit{{start, g.leftCalls(start)}}; len(path) > 0; {
			top := &path[len(path)-1]
			if len(top.calls) == 0 {
				state[top.rule] = done
				path = path[:len(path)-1]
				continue
			}
			next := top.calls[0]
			top.calls = top.calls[1:]
			switch state[next] {
			case active:
				return fmt.Errorf("rule '%s' may be left recursive", nameOf(g.rules[next].name))
			case unseen:
				state[next] = active
				path = append(path, visit{next, g.leftCalls(next)})
			}
		}
	}
	return nil
}

// hasEmptyLoop reports whether a rule has a repetition of what may be empty.
func (g *grammar) hasEmptyLoop(body *node) bool {
	seen := map[*node]bool{}
	for stack := []*node{body}; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == nil || !n.props.open || seen[n] {
			continue
		}
		seen[n] = true
		if n.op == opRepeat && g.of(n.a).nullable {
			return true
		}
		stack = append(stack, n.b, n.a)
	}
	return false
}

// leftCalls returns the rules that a rule may call before anything is consumed.
func (g *grammar) leftCalls(r int) (calls []int) {
	seen := map[*node]bool{}
	for stack := []*node{g.rules[r].body}; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == nil || !n.props.open || seen[n] {
			continue
		}
		seen[n] = true
		switch n.op {
		case opRule:
			calls = append(calls, g.index[ruleKey(n.value)])
		case opSequence:
			if g.of(n.a).nullable {
				stack = append(stack, n.b)
			}
			stack = append(stack, n.a)
		default:
			stack = append(stack, n.b, n.a)
		}
	}
	return calls
}

// ruleKey returns what tells a rule's name from others in a map.
func ruleKey(name vm.Value) any {
	if s, ok := name.AsString(); ok {
		return s
	}
	if f, ok := name.AsNumber(); ok {
		return f
	}
	return name
}

// nameOf returns a rule's name for messages.
func nameOf(name vm.Value) string {
	if s, ok := vm.ToString(name); ok {
		return s
	}
	return fmt.Sprintf("(a %s)", name.Kind())
}
