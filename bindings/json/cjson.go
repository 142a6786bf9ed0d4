package json

import (
	"errors"
	"fmt"
	"math"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

const cjsonDoc = `JSON with the API and the behaviour of lua-cjson 2.1, and what OpenResty's edition adds to it.

Numbers are written with 14 digits unless encode_number_precision says otherwise. Settings are those of the service;
cjson.new returns the functions with settings of their own. A setting that is called without an argument, or with nil,
returns its value only.`

// settings are what scripts set, for cjson or what cjson.new made.
type settings struct {
	encode     encodeRules
	decode     decodeRules
	markArrays bool // decoded arrays get array_mt
	keepBuffer bool // is only remembered: buffers are kept up to a size
}

func newSettings() *settings {
	return &settings{
		encode: encodeRules{
			maxDepth: maxDepth, precision: 14, lax: true, escapeSlash: true, sparseRatio: 2, sparseSafe: 10,
		},
		decode:     decodeRules{maxDepth: maxDepth, null: null, lax: true, invalid: true},
		keepBuffer: true,
	}
}

// cjsonFunction is a function of cjson: its signature and documentation, and what it does with settings.
type cjsonFunction struct {
	signature string
	doc       string
	run       func(c *vm.Call, p *space, s *settings) error
}

// cjsonFunctions returns all but new. In cjson.safe, encode and decode return nil and a message instead of raising.
func cjsonFunctions(safe bool) []cjsonFunction {
	protect := func(run func(c *vm.Call, p *space, s *settings) error) func(*vm.Call, *space, *settings) error {
		return run
	}
	note := ""
	if safe {
		protect = protected
		note = " Errors are returned as nil and a message."
	}
	return []cjsonFunction{
		{"encode(value: any) -> text: string?, err: string?", "Returns value as a JSON text." + note, protect(cjsonEncode)},
		{"decode(text: string) -> value: any, err: string?", "Returns the value of a JSON text; null is cjson.null." + note, protect(cjsonDecode)},
		{"encode_sparse_array(convert?: boolean, ratio?: integer, safe?: integer) -> convert: boolean, ratio: integer, safe: integer",
			"Sets when an array is too sparse: it has more than safe elements, and more than ratio times those that are not nil. It becomes an object if convert is true, else it is an error. Ratio 0 allows all.",
			setSparse},
		{"encode_max_depth(depth?: integer) -> depth: integer", "Sets how deep tables may nest.",
			func(c *vm.Call, _ *space, s *settings) error {
				return setInteger(c, &s.encode.maxDepth, 1, math.MaxInt32)
			}},
		{"decode_max_depth(depth?: integer) -> depth: integer", "Sets how deep arrays and objects may nest.",
			func(c *vm.Call, _ *space, s *settings) error {
				return setInteger(c, &s.decode.maxDepth, 1, math.MaxInt32)
			}},
		{"encode_number_precision(digits?: integer) -> digits: integer", "Sets how many significant digits numbers have, from 1 to 16.",
			func(c *vm.Call, _ *space, s *settings) error { return setInteger(c, &s.encode.precision, 1, 16) }},
		{"encode_keep_buffer(keep?: boolean) -> keep: boolean", "Is there for compatibility.",
			func(c *vm.Call, _ *space, s *settings) error { return setBool(c, &s.keepBuffer) }},
		{`encode_invalid_numbers(mode?: boolean|"null") -> mode: boolean|"null"`, "Sets whether NaN and infinities are errors (false), written as such (true), or written as null.",
			setInvalid},
		{"decode_invalid_numbers(allow?: boolean) -> allow: boolean", "Sets whether hexadecimal numbers, NaN and infinities are read.",
			func(c *vm.Call, _ *space, s *settings) error { return setBool(c, &s.decode.invalid) }},
		{"encode_empty_table_as_object(object?: boolean) -> object: boolean", "Sets whether empty tables are objects, as they are by default, or arrays.",
			setEmpty},
		{"decode_array_with_array_mt(mark?: boolean) -> mark: boolean", "Sets whether decoded arrays get the metatable array_mt.",
			func(c *vm.Call, _ *space, s *settings) error { return setBool(c, &s.markArrays) }},
		{"encode_escape_forward_slash(escape?: boolean) -> escape: boolean", "Sets whether / is written as \\/.",
			func(c *vm.Call, _ *space, s *settings) error { return setBool(c, &s.encode.escapeSlash) }},
	}
}

func cjsonModule(name string, safe bool) host.Module {
	m := module.New(name, cjsonDoc).
		Const("_NAME", "cjson").
		Const("_VERSION", "2.1.0").
		Const("null", null, "stands for null; it is a true value").
		Const("empty_array", emptyArray, "is encoded as []").
		Field("array_mt", "table", "the metatable of tables that are always arrays").
		Field("empty_array_mt", "table", "the metatable of tables that are arrays when they are empty").
		OnOpen(func(s *host.Service, t *vm.Table) error {
			setMetatables(t, spaceOf(s.State()))
			return nil
		})
	functions := cjsonFunctions(safe)
	for _, f := range functions {
		m.Func(f.signature, func(c *vm.Call) error {
			p := spaceOf(c.State())
			return f.run(c, p, p.settings)
		}, f.doc)
	}
	m.Func("new() -> cjson: table", func(c *vm.Call) error { return newCJSON(c, m, functions) },
		"Returns a table like this one, with settings of its own.")
	return m.Module()
}

func setMetatables(t *vm.Table, p *space) {
	t.SetString("array_mt", p.arrays.Value())
	t.SetString("empty_array_mt", p.emptyArrays.Value())
}

func newCJSON(c *vm.Call, m *module.Module, functions []cjsonFunction) error {
	p, own := spaceOf(c.State()), newSettings()
	t := m.Table(c.State())
	setMetatables(t, p)
	for _, f := range functions {
		name := nameOf(f.signature)
		t.SetString(name, vm.Function("cjson."+name, func(c *vm.Call) error { return f.run(c, p, own) }))
	}
	return c.Return(t.Value())
}

func nameOf(signature string) string {
	for i := range signature {
		if signature[i] == '(' {
			return signature[:i]
		}
	}
	return signature
}

// protected returns the errors of a function as nil and a message.
func protected(run func(c *vm.Call, p *space, s *settings) error) func(*vm.Call, *space, *settings) error {
	return func(c *vm.Call, p *space, s *settings) error {
		if c.NArgs() != 1 {
			return c.ArgError(1, "expected 1 argument")
		}
		return c.ProtectedCall(func(c *vm.Call) error {
			if c.Arg(1).Truthy() {
				return c.ReturnArgs(2)
			}
			c.Push(vm.Nil(), c.Arg(2))
			return nil
		}, vm.Function("cjson", func(c *vm.Call) error { return run(c, p, s) }), c.Arg(1))
	}
}

func cjsonEncode(c *vm.Call, p *space, s *settings) error {
	if c.NArgs() != 1 {
		return c.ArgError(1, "expected 1 argument")
	}
	text, err := p.encode(c.State(), c.Arg(1), s.encode)
	var e *encodeError
	switch {
	case errors.As(err, &e) && e.depth > 0:
		return fmt.Errorf("Cannot serialise, excessive nesting (%d)", e.depth)
	case e != nil:
		return fmt.Errorf("Cannot serialise %s: %s", e.what, e.reason)
	case err != nil:
		return err
	}
	return c.Return(text)
}

// The words of lua-cjson.
var (
	cjsonWants = map[string]string{
		wantValue: "value", wantKey: "object key string", wantColon: "colon",
		wantObjectEnd: "comma or object end", wantArrayEnd: "comma or array end", wantEnd: "the end",
	}
	cjsonTokens = map[token]string{
		tokObjectBegin: "T_OBJ_BEGIN", tokObjectEnd: "T_OBJ_END", tokArrayBegin: "T_ARR_BEGIN", tokArrayEnd: "T_ARR_END",
		tokString: "T_STRING", tokNumber: "T_NUMBER", tokBoolean: "T_BOOLEAN", tokNull: "T_NULL", tokColon: "T_COLON",
		tokComma: "T_COMMA", tokEnd: "T_END", badToken: "invalid token", badString: "unexpected end of string",
		badEscape: "invalid escape code", badUnicode: "invalid unicode escape code", badNumber: "invalid number",
	}
)

func cjsonDecode(c *vm.Call, p *space, s *settings) error {
	if c.NArgs() != 1 {
		return c.ArgError(1, "expected 1 argument")
	}
	text := c.CheckString(1)
	if len(text) >= 2 && (text[0] == 0 || text[1] == 0) {
		return errors.New("JSON parser does not support UTF-16 or UTF-32")
	}
	rules := s.decode
	if s.markArrays {
		rules.arrays = p.arrays
	}
	v, err := p.decode(c.State(), text, rules)
	var e *syntaxError
	switch {
	case errors.As(err, &e) && e.depth > 0:
		return fmt.Errorf("Found too many nested data structures (%d) at character %d", e.depth, e.pos)
	case e != nil:
		return fmt.Errorf("Expected %s but found %s at character %d", cjsonWants[e.expected], cjsonTokens[e.found], e.pos+1)
	case err != nil:
		return err
	}
	return c.Return(v)
}

// Settings. Each takes a new value, unless it is nil, and returns the one that is valid then.

func options(c *vm.Call, n int) error {
	if c.NArgs() > n {
		return c.ArgError(n+1, "found too many arguments")
	}
	return nil
}

func setInteger(c *vm.Call, to *int, low, high int) error {
	if err := options(c, 1); err != nil {
		return err
	}
	if err := integerOption(c, 1, to, low, high); err != nil {
		return err
	}
	return c.Return(vm.Int(*to))
}

func integerOption(c *vm.Call, i int, to *int, low, high int) error {
	if c.Arg(i).IsNil() {
		return nil
	}
	n := c.CheckInt(i)
	if n < low || n > high {
		return c.ArgError(i, fmt.Sprintf("expected integer between %d and %d", low, high))
	}
	*to = n
	return nil
}

// choice reads an option that is a boolean or one of the words, of which the first two are false and true.
func choice(c *vm.Call, i int, words ...string) (index int, given bool, err error) {
	v := c.Arg(i)
	if v.IsNil() {
		return 0, false, nil
	}
	if b, ok := v.AsBool(); ok {
		if b {
			return 1, true, nil
		}
		return 0, true, nil
	}
	text := c.CheckString(i)
	for i, w := range words {
		if w == text {
			return i, true, nil
		}
	}
	return 0, false, c.ArgError(i, "invalid option '"+text+"'")
}

func setBool(c *vm.Call, to *bool) error {
	if err := options(c, 1); err != nil {
		return err
	}
	if err := boolOption(c, 1, to); err != nil {
		return err
	}
	return c.Return(vm.Bool(*to))
}

func boolOption(c *vm.Call, i int, to *bool) error {
	index, given, err := choice(c, i, "off", "on")
	if given && err == nil {
		*to = index == 1
	}
	return err
}

func setSparse(c *vm.Call, _ *space, s *settings) error {
	if err := options(c, 3); err != nil {
		return err
	}
	err := boolOption(c, 1, &s.encode.sparseConvert)
	if err == nil {
		err = integerOption(c, 2, &s.encode.sparseRatio, 0, math.MaxInt32)
	}
	if err == nil {
		err = integerOption(c, 3, &s.encode.sparseSafe, 0, math.MaxInt32)
	}
	if err != nil {
		return err
	}
	c.Push(vm.Bool(s.encode.sparseConvert), vm.Int(s.encode.sparseRatio), vm.Int(s.encode.sparseSafe))
	return nil
}

func setInvalid(c *vm.Call, _ *space, s *settings) error {
	if err := options(c, 1); err != nil {
		return err
	}
	index, given, err := choice(c, 1, "off", "on", "null")
	if err != nil {
		return err
	}
	if given {
		s.encode.invalid = invalidNumbers(index)
	}
	if s.encode.invalid == invalidNull {
		return c.Return(vm.String("null"))
	}
	return c.Return(vm.Bool(s.encode.invalid == invalidAsIs))
}

func setEmpty(c *vm.Call, _ *space, s *settings) error {
	object := !s.encode.emptyIsArray
	if err := options(c, 1); err != nil {
		return err
	}
	if err := boolOption(c, 1, &object); err != nil {
		return err
	}
	s.encode.emptyIsArray = !object
	return c.Return(vm.Bool(object))
}
