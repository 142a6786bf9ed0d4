// Package lpeg implements LPeg, pattern matching by parsing expression grammars, as the manual of LPeg 1.1 describes it.
//
// A pattern is an immutable tree (pattern.go, grammar.go). At its first match it is compiled (compile.go) to a program
// for a machine that backtracks with a stack of its own (machine.go); when the match is complete, the captures that
// it has noted are evaluated (capture.go).
package lpeg

import (
	"math"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

const doc = `Pattern matching by parsing expression grammars, with the API of LPeg 1.1.

Where a pattern is expected, a string stands for itself, a number n for n bytes (if it is negative: for fewer than -n bytes
left), a boolean for a match or a failure, a table for a grammar, and a function for lpeg.Cmt of it.
Operators: p * q, p + q, p - q, p ^ n, -p, #p, p / x, p % f.`

const version = "LPeg 1.1.0"

// Modules returns the module lpeg.
func Modules() []host.Module { return []host.Module{newModule().Module()} }

// Openers returns what makes the module in a state without services.
func Openers() map[string]func(*vm.State) vm.Value {
	return map[string]func(*vm.State) vm.Value{
		"lpeg": func(s *vm.State) vm.Value {
			t := newModule().Table(s)
			spaceOf(s).meta.SetString("__index", t.Value())
			return t.Value()
		},
	}
}

func newModule() *module.Module {
	m := module.New("lpeg", doc).
		Const("version", version).
		OnOpen(func(s *host.Service, t *vm.Table) error {
			spaceOf(s.State()).meta.SetString("__index", t.Value())
			return nil
		})
	m.Func("match(pattern: any, subject: string, init?: integer, ...: any) -> ...: any", match,
		"Matches a pattern at a place of the subject, and returns what it captures, or the position behind the match if it captures nothing; nil if it doesn't match.",
		"init: where; negative numbers count from the end").
		Func("type(value: any) -> type: string?", typeOf, `Returns "pattern" for a pattern.`).
		Func("setmaxstack(max: integer)", setMaxStack, "Sets how many choices and calls of rules may be pending in a match; 400 at first.").
		Func("locale(table?: table) -> table: table", locale, "Adds patterns of the character classes to a table: alnum, alpha, cntrl, digit, graph, lower, print, punct, space, upper, xdigit.").
		Func("P(value: any) -> pattern: userdata", construct, "Makes a pattern of a value.").
		Func("B(pattern: any) -> pattern: userdata", lookBehind, "Matches where the pattern, which has a fixed length, ends.").
		Func("R(...: string) -> pattern: userdata", ranges, `Matches a byte in one of the ranges, such as "az".`).
		Func("S(chars: string) -> pattern: userdata", oneOf, "Matches a byte that is one of chars.").
		Func("V(name: any) -> pattern: userdata", nonterminal, "Matches what a rule of the grammar around it matches.").
		Func("utfR(first: integer, last: integer) -> pattern: userdata", codePoints, "Matches a code point of a range, in UTF-8.").
		Func("C(pattern: any) -> pattern: userdata", simpleCapture(kindSimple), "Captures the match.").
		Func("Carg(n: integer) -> pattern: userdata", argumentCapture, "Captures an extra argument of match.").
		Func("Cb(name: any) -> pattern: userdata", backCapture, "Captures the values of the last group of that name.").
		Func("Cc(...: any) -> pattern: userdata", constantCapture, "Captures the values.").
		Func("Cf(pattern: any, f: function) -> pattern: userdata", functionCapture(fold), "Folds the captures by a function: f(f(first, second), third). Better use p % f.").
		Func("Cg(pattern: any, name?: any) -> pattern: userdata", groupCapture, "Groups captures, under a name that lpeg.Cb and lpeg.Ct know.").
		Func("Cp() -> pattern: userdata", positionCapture, "Captures the position.").
		Func("Cs(pattern: any) -> pattern: userdata", simpleCapture(kindSubstitution), "Captures the match, with captures in it replaced by their values.").
		Func("Ct(pattern: any) -> pattern: userdata", simpleCapture(kindTable), "Captures a table of the captures.").
		Func("Cmt(pattern: any, f: function) -> pattern: userdata", functionCapture(matchTime), "Calls a function during the match, which says whether and where it goes on: f(subject, position, captures ...) -> position, captures ...")
	return m
}

// pattern is what Lua holds.
type pattern struct {
	root     *node
	compiled program
}

const patternSize = 400 // bytes of a pattern and its node, about

// space is what the module keeps in a state.
type space struct {
	meta     *vm.Table
	maxStack int
	machines sync.Pool
}

const (
	spaceKey        = "lpeg" // of the state's registry
	defaultMaxStack = 400
)

func spaceOf(s *vm.State) *space {
	if u, ok := s.Registry().GetString(spaceKey).AsUserdata(); ok {
		return u.Data.(*space)
	}
	p := &space{meta: s.NewTable(0, 10), maxStack: defaultMaxStack}
	p.meta.SetString("__name", vm.String("lpeg-pattern"))
	for name, f := range operators() {
		p.meta.SetString(name, vm.Function(name, f))
	}
	u := vm.NewUserdata(p, nil)
	u.SetUserValue(p.meta.Value())
	s.Registry().SetString(spaceKey, u.Value())
	return p
}

// give returns a pattern to Lua. held are the Lua values and patterns in it, which must live as long as it does.
func give(c *vm.Call, n *node, held ...vm.Value) error {
	if n.props.depth > maxDepth {
		return c.Errorf("pattern too deep")
	}
	if n.props.size > maxSize {
		return c.Errorf("%v", errTooBig)
	}
	s := c.State()
	if err := s.Reserve(patternSize); err != nil {
		return err
	}
	u := vm.NewUserdata(&pattern{root: n}, spaceOf(s).meta)
	u.SetUserValue(hold(s, held))
	return c.Return(u.Value())
}

// hold returns a value that refers to others, as far as the collector has to know of them.
func hold(s *vm.State, values []vm.Value) vm.Value {
	var kept []vm.Value
	for _, v := range values {
		switch v.Kind() {
		case vm.KindTable, vm.KindFunction, vm.KindThread, vm.KindString:
			kept = append(kept, v)
		case vm.KindUserdata:
			u, _ := v.AsUserdata()
			if _, ok := u.Data.(*pattern); ok {
				v = u.UserValue()
			}
			if !v.IsNil() {
				kept = append(kept, v)
			}
		}
	}
	switch len(kept) {
	case 0:
		return vm.Nil()
	case 1:
		return kept[0]
	}
	return s.NewList(kept...).Value()
}

// fixedArguments are those of match before the ones that lpeg.Carg captures.
const fixedArguments = 3

func match(c *vm.Call) error {
	n, _, err := argument(c, 1) // what it holds is an argument of this call
	if err != nil {
		return err
	}
	p, ok := patternOf(c.Arg(1))
	if !ok {
		p = &pattern{root: n}
	}
	subject := c.CheckString(2)
	if len(subject) > math.MaxInt32 {
		return c.ArgError(2, "subject too long")
	}
	start := startOf(c.OptInt(3, 1), len(subject))
	code, err := p.program(c)
	if err != nil {
		return err
	}
	space := spaceOf(c.State())
	m, _ := space.machines.Get().(*machine)
	if m == nil {
		m = &machine{}
	}
	m.call, m.code, m.subject, m.whole = c, code, subject, c.Arg(2)
	if _, ok := m.whole.AsString(); !ok {
		m.whole = vm.String(subject)
	}
	m.limit, m.steps = space.maxStack, c.State().Steps()
	end, err := m.run(start)
	if err == nil && end >= 0 {
		err = m.results()
	}
	if err == nil {
		switch {
		case end < 0:
			err = c.Return(vm.Nil())
		case len(m.values) == 0:
			err = c.Return(vm.Int(end + 1))
		default:
			c.Push(m.values...)
		}
	}
	m.reset()
	space.machines.Put(m)
	return err
}

// startOf returns where a match begins by the third argument of match.
func startOf(init, length int) int {
	switch {
	case init > 0:
		return min(init-1, length)
	case -init <= length && init > -length-1:
		return length + init
	}
	return 0
}

// How many elements of a machine's lists are kept while nobody uses it.
const (
	keptEntries = 1 << 16 // without values in them
	keptValues  = 1 << 8
)

// reset forgets all but the memory.
func (m *machine) reset() {
	clear(m.dynamic[:cap(m.dynamic)])
	clear(m.values[:cap(m.values)])
	*m = machine{stack: kept(m.stack, keptEntries), captures: kept(m.captures, keptEntries),
		dynamic: kept(m.dynamic, keptValues), values: kept(m.values, keptValues), chunk: m.chunk}
}

func kept[T any](list []T, limit int) []T {
	if cap(list) > limit {
		return nil
	}
	return list[:0]
}

func typeOf(c *vm.Call) error {
	if _, ok := patternOf(c.Arg(1)); ok {
		return c.Return(vm.String("pattern"))
	}
	return c.Return(vm.Nil())
}

func setMaxStack(c *vm.Call) error {
	n := c.CheckInt(1)
	if n < 1 || n > maxSize {
		return c.ArgError(1, "out of range")
	}
	spaceOf(c.State()).maxStack = n
	return nil
}
