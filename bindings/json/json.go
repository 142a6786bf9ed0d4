// Package json implements the Lua modules json, cjson and cjson.safe: JSON texts (RFC 8259) from and to Lua values.
//
// json is the one to use in new code: it is strict, and what it decodes it encodes to the same again. cjson has the API
// and the behaviour of lua-cjson 2.1, its settings included, and those of OpenResty's edition.
package json

import (
	"errors"
	"fmt"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns json, cjson and cjson.safe.
func Modules() []host.Module {
	return []host.Module{newJSON().Module(), cjsonModule("cjson", false), cjsonModule("cjson.safe", true)}
}

// maxDepth is how deep arrays and objects may nest unless a script sets another limit.
const maxDepth = 1000

// null stands for null among Lua values, as in lua-cjson.
var null = vm.LightUserdata(0)

const jsonDoc = `JSON texts (RFC 8259) from and to Lua values.

| JSON | Lua |
| --- | --- |
| null | ` + "`json.null`" + `; nil is encoded as null too |
| number | number; encoded with as many digits as it takes to read it back, 1e15 as 1000000000000000; NaN and infinities are errors |
| string | string; it must be UTF-8 to be encoded |
| array | table with the metatable that json.array sets, so that an empty one stays an array |
| object | table |

A table without that metatable is an array when its keys are positive integers with few holes, which become null; it
is an object when its keys are strings. An empty one is an object. Other keys, and tables with both, are errors, as are
functions, coroutines and userdata. Metamethods are not called.

Decoding copies short strings; half a surrogate pair becomes U+FFFD; the last of equal keys wins. Arrays and objects
may nest 1000 deep.`

type encodeOptions struct {
	Indent string `doc:"puts each element on a line of its own, behind this text for each level"`
	Sort   bool   `doc:"writes the keys of objects in their order"`
}

type decodeOptions struct {
	Null vm.Value `doc:"what stands for null instead of json.null"`
}

// Open returns the module json in a state that no service is around.
func Open(s *vm.State) *vm.Table { return newJSON().Table(s) }

func newJSON() *module.Module {
	return module.New("json", jsonDoc).
		Func("encode(value: any, options?: json.encode_options) -> text: string", encode,
			"Returns value as a JSON text.").
		Func("decode(text: string, options?: json.decode_options) -> value: any", decode,
			"Returns the value of a JSON text. A text that breaks the grammar is an error, with line and column.").
		Func("array(t?: table) -> t: table", array,
			"Marks t, or a new table, as an array, and returns it: it is encoded as one even when it is empty.").
		Const("null", null, "stands for null; it is a true value").
		Struct(encodeOptions{}).
		Struct(decodeOptions{}).
		FilesFirst()
}

// space is what a state keeps for the modules of this package.
type space struct {
	arrays      *vm.Table // metatable of arrays
	emptyArrays *vm.Table // metatable of arrays that are encoded as such when they are empty
	encoder     encoder
	decoder     decoder
	settings    *settings // of cjson
}

// spaceKey is the field of a state's registry that holds its space.
const spaceKey = "json"

func spaceOf(s *vm.State) *space {
	if u, ok := s.Registry().GetString(spaceKey).AsUserdata(); ok {
		return u.Data.(*space)
	}
	p := newSpace(s)
	s.Registry().SetString(spaceKey, vm.NewUserdata(p, nil).Value())
	return p
}

func newSpace(s *vm.State) *space {
	p := &space{arrays: s.NewTable(0, 1), emptyArrays: s.NewTable(0, 1), settings: newSettings()}
	p.arrays.SetString("__name", vm.String("json.array"))
	p.emptyArrays.SetString("__name", vm.String("json.empty_array"))
	return p
}

const (
	keptBuffer = 64 << 10 // bytes of a buffer that is kept for the next text
	keptValues = 1 << 10  // values of a stack that is kept for the next text
)

// decode returns the value of a JSON text.
func (p *space) decode(s *vm.State, text string, rules decodeRules) (vm.Value, error) {
	d := &p.decoder
	d.state, d.text, d.rules = s, text, rules
	d.pos, d.depth, d.held, d.counted = 0, 0, 0, firstCount
	v, err := d.decode()
	d.text, d.rules = "", decodeRules{}
	if d.values = d.values[:cap(d.values)]; len(d.values) > keptValues {
		d.values = nil
	}
	clear(d.values)
	d.values = d.values[:0]
	return v, err
}

// encode returns v as a JSON text.
func (p *space) encode(s *vm.State, v vm.Value, rules encodeRules) (vm.Value, error) {
	e := &p.encoder
	*e = encoder{state: s, rules: rules, buf: e.buf[:0], keys: e.keys[:0], reserved: cap(e.buf)}
	e.rules.arrays, e.rules.emptyArrays = p.arrays, p.emptyArrays
	if err := e.encode(v); err != nil {
		return vm.Nil(), err
	}
	e.state = nil
	if err := s.Reserve(len(e.buf)); err != nil {
		return vm.Nil(), err
	}
	text := vm.String(string(e.buf))
	if cap(e.buf) > keptBuffer {
		e.buf = nil
	}
	return text, nil
}

func encode(c *vm.Call) error {
	v := c.CheckAny(1)
	rules := encodeRules{maxDepth: maxDepth, sparseRatio: 2, sparseSafe: 10}
	if !c.Arg(2).IsNil() {
		var o encodeOptions
		if err := module.Unpack(c, &v, &o); err != nil {
			return err
		}
		rules.indent, rules.sorted = o.Indent, o.Sort
	}
	text, err := spaceOf(c.State()).encode(c.State(), v, rules)
	if err != nil {
		return err
	}
	return c.Return(text)
}

func decode(c *vm.Call) error {
	text := c.CheckString(1)
	p := spaceOf(c.State())
	rules := decodeRules{maxDepth: maxDepth, null: null, arrays: p.arrays}
	if !c.Arg(2).IsNil() {
		o := decodeOptions{Null: null}
		if err := module.Unpack(c, &text, &o); err != nil {
			return err
		}
		rules.null = o.Null
	}
	v, err := p.decode(c.State(), text, rules)
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("invalid JSON: %s", syntax.describe(text))
	}
	if err != nil {
		return err
	}
	return c.Return(v)
}

// describe words a syntax error with its place in the text.
func (e *syntaxError) describe(text string) string {
	pos := min(e.pos, len(text))
	line := 1 + strings.Count(text[:pos], "\n")
	column := pos - strings.LastIndexByte(text[:pos], '\n')
	if e.depth > 0 {
		return fmt.Sprintf("line %d, column %d: more than %d nested arrays and objects", line, column-1, e.depth-1)
	}
	return fmt.Sprintf("line %d, column %d: expected %s, found %s", line, column, e.expected, e.found)
}

func array(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		t := c.State().NewTable(0, 0)
		c.State().SetMetatable(t, spaceOf(c.State()).arrays)
		return c.Return(t.Value())
	}
	t := c.CheckTable(1)
	if m := t.Metatable(); m != nil && m != spaceOf(c.State()).arrays {
		return c.ArgError(1, "it has another metatable")
	}
	c.State().SetMetatable(t, spaceOf(c.State()).arrays)
	return c.Return(t.Value())
}
