package lpeg

import (
	"math"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

func patternOf(v vm.Value) (*pattern, bool) {
	u, ok := v.AsUserdata()
	if !ok {
		return nil, false
	}
	p, ok := u.Data.(*pattern)
	return p, ok
}

// argument returns the pattern of argument i, and the value that must live as long as it: the pattern, table or function.
func argument(c *vm.Call, i int) (*node, vm.Value, error) {
	v := c.Arg(i)
	switch v.Kind() {
	case vm.KindString:
		s, _ := v.AsString()
		return text(s), vm.Nil(), nil
	case vm.KindNumber:
		n := c.CheckInt(i)
		if n < -math.MaxInt32 || n > math.MaxInt32 {
			return nil, v, c.ArgError(i, "number too large")
		}
		if n < 0 {
			return not(anyOf(-n)), vm.Nil(), nil
		}
		return anyOf(n), vm.Nil(), nil
	case vm.KindBoolean:
		if v.Truthy() {
			return nodeTrue, vm.Nil(), nil
		}
		return nodeFalse, vm.Nil(), nil
	case vm.KindTable:
		return grammarOf(c, v)
	case vm.KindFunction:
		n := matchTime(c.State(), nodeTrue, v)
		return n, n.value, nil
	}
	if p, ok := patternOf(v); ok {
		return p.root, v, nil
	}
	return nil, v, c.TypeError(i, "lpeg-pattern")
}

// grammarOf makes a grammar of a table: the rule 1 is the first, or names it.
func grammarOf(c *vm.Call, v vm.Value) (*node, vm.Value, error) {
	t, _ := v.AsTable()
	name, first := vm.Int(1), t.GetInt(1)
	if _, ok := vm.ToString(first); ok {
		name = first
		first = t.Get(name)
	}
	p, ok := patternOf(first)
	switch {
	case first.IsNil():
		return nil, v, c.Errorf("grammar has no initial rule")
	case !ok:
		return nil, v, c.Errorf("initial rule '%s' is not a pattern", nameOf(name))
	}
	rules, values := []rule{{name, p.root}}, []vm.Value{first}
	for key := vm.Nil(); ; {
		k, body, err := t.Next(key)
		if err != nil {
			return nil, v, err
		}
		if key = k; k.IsNil() {
			break
		}
		if one, ok := k.AsNumber(); ok && one == 1 || vm.RawEqual(k, name) {
			continue
		}
		p, ok := patternOf(body)
		if !ok {
			return nil, v, c.Errorf("rule '%s' is not a pattern", nameOf(k))
		}
		rules, values = append(rules, rule{k, p.root}), append(values, body)
	}
	if err := c.State().Reserve(len(rules) * patternSize); err != nil {
		return nil, v, err
	}
	n, err := newGrammar(rules)
	if err != nil {
		return nil, v, c.Errorf("%v", err)
	}
	return n, hold(c.State(), values), nil
}

func construct(c *vm.Call) error {
	c.CheckAny(1)
	if _, ok := patternOf(c.Arg(1)); ok {
		return c.Return(c.Arg(1))
	}
	n, held, err := argument(c, 1)
	if err != nil {
		return err
	}
	return give(c, n, held)
}

func lookBehind(c *vm.Call) error {
	n, held, err := argument(c, 1)
	switch {
	case err != nil:
		return err
	case n.props.fixed < 0:
		return c.ArgError(1, "pattern may not have fixed length")
	case n.props.captures:
		return c.ArgError(1, "pattern have captures")
	case n.props.fixed > maxBehind:
		return c.ArgError(1, "pattern too long to look behind")
	}
	return give(c, behind(n), held)
}

func ranges(c *vm.Call) error {
	var s charset
	for i := range c.NArgs() {
		r := c.CheckString(i + 1)
		if len(r) != 2 {
			return c.ArgError(i+1, "range must have two characters")
		}
		s = s.union(rangeOf(r[0], r[1]))
	}
	return give(c, set(s))
}

func oneOf(c *vm.Call) error { return give(c, set(setOf(c.CheckString(1)))) }

func nonterminal(c *vm.Call) error {
	name := c.Arg(1)
	if name.IsNil() {
		return c.ArgError(1, "non-nil value expected")
	}
	return give(c, reference(name), name)
}

func codePoints(c *vm.Call) error {
	low, high := c.CheckInt(1), c.CheckInt(2)
	switch {
	case low > high:
		return c.ArgError(2, "empty range")
	case low < 0:
		return c.ArgError(1, "invalid code point")
	case high > utf8.MaxRune:
		return c.ArgError(2, "invalid code point")
	}
	return give(c, utf8Range(low, high))
}

// simpleCapture makes captures that have nothing but a pattern.
func simpleCapture(k kind) vm.Func {
	return func(c *vm.Call) error {
		n, held, err := argument(c, 1)
		if err != nil {
			return err
		}
		return give(c, capture(k, n, 0), held)
	}
}

// functionCapture makes what has a pattern and a function.
func functionCapture(make func(s *vm.State, a *node, f vm.Value) *node) vm.Func {
	return func(c *vm.Call) error {
		n, held, err := argument(c, 1)
		if err != nil {
			return err
		}
		p := make(c.State(), n, c.CheckFunction(2))
		return give(c, p, held, p.value)
	}
}

func groupCapture(c *vm.Call) error {
	n, held, err := argument(c, 1)
	if err != nil {
		return err
	}
	p := captureWith(c.State(), kindGroup, n, c.Arg(2))
	return give(c, p, held, p.value)
}

const maxArgument = math.MaxInt16 // of lpeg.Carg and p / n

func argumentCapture(c *vm.Call) error {
	n := c.CheckInt(1)
	if n < 1 || n > maxArgument {
		return c.ArgError(1, "invalid argument index")
	}
	return give(c, capture(kindArgument, nodeTrue, n))
}

func backCapture(c *vm.Call) error {
	p := captureWith(c.State(), kindBack, nodeTrue, c.CheckAny(1))
	return give(c, p, p.value)
}

func positionCapture(c *vm.Call) error {
	return give(c, capture(kindPosition, nodeTrue, 0))
}

func constantCapture(c *vm.Call) error {
	values := append([]vm.Value(nil), c.Args()...)
	n := nodeTrue
	for i := len(values) - 1; i >= 0; i-- {
		p := captureWith(c.State(), kindConstant, nodeTrue, values[i])
		values[i] = p.value
		n = sequence(p, n)
	}
	if len(values) > 1 {
		n = capture(kindGroup, n, 0)
	}
	return give(c, n, values...)
}

// operators returns the metamethods of patterns.
func operators() map[string]vm.Func {
	return map[string]vm.Func{
		"__mul": binary(sequence),
		"__add": binary(choice),
		"__sub": binary(difference),
		"__unm": unary(not),
		"__len": unary(and),
		"__pow": power,
		"__div": division,
		"__mod": functionCapture(accumulator),
	}
}

func binary(join func(a, b *node) *node) vm.Func {
	return func(c *vm.Call) error {
		a, heldA, err := argument(c, 1)
		if err != nil {
			return err
		}
		b, heldB, err := argument(c, 2)
		if err != nil {
			return err
		}
		return give(c, join(a, b), heldA, heldB)
	}
}

func unary(make func(a *node) *node) vm.Func {
	return func(c *vm.Call) error {
		a, held, err := argument(c, 1)
		if err != nil {
			return err
		}
		return give(c, make(a), held)
	}
}

// power is p ^ n: n times or more, or -n times at most.
func power(c *vm.Call) error {
	a, held, err := argument(c, 1)
	if err != nil {
		return err
	}
	n := c.CheckInt(2)
	count := n
	if n < 0 {
		count = -n
	}
	if count < 0 || count > maxSize || (count+1)*a.props.size > maxSize {
		return c.Errorf("%v", errTooBig)
	}
	if err := c.State().Reserve(count * patternSize); err != nil {
		return err
	}
	if n < 0 {
		return give(c, atMost(a, count), held)
	}
	if a.props.nullable {
		return c.Errorf("loop body may accept empty string")
	}
	return give(c, atLeast(a, count), held)
}

// division is p / x: what the captures of p become.
func division(c *vm.Call) error {
	a, held, err := argument(c, 1)
	if err != nil {
		return err
	}
	x, k := c.Arg(2), kindString
	switch x.Kind() {
	case vm.KindString:
	case vm.KindFunction:
		k = kindFunction
	case vm.KindTable:
		k = kindQuery
	case vm.KindNumber:
		n := c.CheckInt(2)
		if n < 0 || n > maxArgument {
			return c.ArgError(1, "invalid number")
		}
		return give(c, capture(kindNumber, a, n), held)
	default:
		return c.ArgError(2, "invalid replacement value")
	}
	p := captureWith(c.State(), k, a, x)
	return give(c, p, held, p.value)
}

// classes are the character classes of the locale C.
func classes() map[string]charset {
	digit, lower, upper := rangeOf('0', '9'), rangeOf('a', 'z'), rangeOf('A', 'Z')
	alpha := lower.union(upper)
	alnum := alpha.union(digit)
	graph := rangeOf('!', '~')
	return map[string]charset{
		"alnum": alnum, "alpha": alpha, "digit": digit, "lower": lower, "upper": upper, "graph": graph,
		"print": graph.union(setOf(" ")), "punct": graph.minus(alnum), "cntrl": rangeOf(0, 31).union(setOf("\x7f")),
		"space": setOf(" \t\n\v\f\r"), "xdigit": digit.union(rangeOf('a', 'f')).union(rangeOf('A', 'F')),
	}
}

func locale(c *vm.Call) error {
	s := c.State()
	var t *vm.Table
	if c.Arg(1).IsNil() {
		t = s.NewTable(0, 12)
	} else {
		t = c.CheckTable(1)
	}
	for name, chars := range classes() {
		t.SetString(name, vm.NewUserdata(&pattern{root: set(chars)}, spaceOf(s).meta).Value())
	}
	return c.Return(t.Value())
}
