// Package bson implements bson and skynet.mongo.driver: documents of MongoDB, and the messages that carry them.
//
// A value that Lua has no type for is a string here, as in skynet: a zero byte, the type's byte, and the content. It goes back
// into a document as what it was. Numbers without a fraction, below 2^53, are integers of 4 or 8 bytes, others doubles.
// Format: https://bsonspec.org, version 1.1.
package bson

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// The types of values, by their bytes.
const (
	kindDouble    = 0x01
	kindString    = 0x02
	kindDocument  = 0x03
	kindArray     = 0x04
	kindBinary    = 0x05
	kindUndefined = 0x06
	kindObjectID  = 0x07
	kindBoolean   = 0x08
	kindDate      = 0x09
	kindNull      = 0x0a
	kindRegex     = 0x0b
	kindPointer   = 0x0c
	kindCode      = 0x0d
	kindSymbol    = 0x0e
	kindScoped    = 0x0f
	kindInt32     = 0x10
	kindTimestamp = 0x11
	kindInt64     = 0x12
	kindDecimal   = 0x13
	kindMinKey    = 0xff
	kindMaxKey    = 0x7f
)

// maxDepth is how deep documents may be in each other. MongoDB takes 100.
const maxDepth = 128

const doc = `Documents of MongoDB. Values that Lua has no type for are strings that begin with a zero byte; bson.type tells what they are.

A table whose keys are 1 to n is an array, an empty one a document. Numbers without a fraction, below 2^53, are integers of 4 or 8
bytes, others doubles. Integers from 2^53 on, as documents may have them, are kept as bson.int64 makes them.`

// Modules returns bson and skynet.mongo.driver.
func Modules() []host.Module {
	m := module.New("bson", doc)
	documents := module.Type[document](m, "document", "An encoded document. It may be a value in another one; tostring returns its bytes.")
	documents.
		Method("decode() -> table: table", decodeDocument, "Returns its fields.").
		Method("makeindex() -> document: bson.document", makeIndex, "Finds the fields of a fixed size at its top, which can be assigned then, with values of their type.").
		Meta("__newindex(document: bson.document, key: string, value: any)", replace, "Replaces a field's value: after makeindex.").
		Meta("__len(document: bson.document) -> bytes: integer", length, "Returns its size.").
		Meta("__tostring(document: bson.document) -> bytes: string", text, "Returns its bytes.")
	t := types{documents}
	modules := m.
		Func("encode(table: table) -> document: bson.document", t.encode, "Encodes a table, in the order of pairs, which the metamethod __pairs may define; one with __len is an array.").
		Func("encode_order(...: any) -> document: bson.document", t.encodeOrder, "Encodes fields in the given order.", "...: keys and values, in turn").
		Func("decode(document: bson.document|string|nil) -> table: table?", decodeFunction, "Returns the fields of a document; nothing for nil.").
		Func("date(seconds: integer) -> date: string", date, "Makes a date of the seconds since 1970.").
		Func("timestamp(seconds: integer, n?: integer) -> timestamp: string", timestamp, "Makes a timestamp, MongoDB's own type.", "seconds: since 1970", "n: tells apart those of a second; one that counts up when it is absent").
		Func("regex(pattern: string, options?: string) -> regex: string", regex, "Makes a regular expression.").
		Func("binary(bytes: string, subtype?: integer) -> binary: string", binaryValue, "Makes a value of bytes.", "subtype: 0 when it is absent").
		Func("objectid(hex?: string) -> id: string", objectID, "Makes a new id, or the one of 24 hexadecimal digits.").
		Func("int64(n: number|string) -> integer: string", int64Value, "Makes an integer of 8 bytes, whatever its value; a string has its decimal digits.").
		Func("type(value: any) -> type: string, ...: any", typeOf,
			`Returns a value's type, and what it is made of: ("number", n), ("objectid", hex), ("date", seconds), ("timestamp", seconds, n), ("binary", bytes, subtype), ("regex", pattern, options), ("int64", n or digits) ...`).
		Const("null", special(kindNull, ""), "a field without a value").
		Const("minkey", special(kindMinKey, ""), "what is before all other values").
		Const("maxkey", special(kindMaxKey, ""), "what is behind all other values").
		Modules()
	return append(modules, t.driver())
}

// types are those of the objects that scripts see.
type types struct{ documents *module.TypeOf[document] }

func (t types) push(c *vm.Call, b []byte) error {
	v, err := t.documents.Value(c.State(), &document{bytes: b})
	if err != nil {
		return err
	}
	return c.Return(v)
}

func (t types) encode(c *vm.Call) error {
	e := encoder{call: c}
	if err := e.document(c.CheckTable(1), 0); err != nil {
		return err
	}
	return t.push(c, e.out)
}

func (t types) encodeOrder(c *vm.Call) error {
	args := c.Args()
	if len(args)%2 != 0 {
		return c.Errorf("Invalid ordered dict")
	}
	e := encoder{call: c}
	start := e.begin()
	for i := 0; i < len(args); i += 2 {
		switch args[i].Kind() {
		case vm.KindString, vm.KindNumber:
		default:
			return c.Errorf("Argument %d need a string", i+1)
		}
		if err := e.value(vm.Text(args[i]), args[i+1], 0); err != nil {
			return err
		}
	}
	if err := e.end(start); err != nil {
		return err
	}
	return t.push(c, e.out)
}

func decodeFunction(c *vm.Call) error {
	var b []byte
	switch v := c.Arg(1); v.Kind() {
	case vm.KindNil:
		return nil
	case vm.KindString:
		b = []byte(c.CheckString(1))
	default:
		d, ok := documentOf(v)
		if !ok {
			return c.TypeError(1, "document")
		}
		b = d.bytes
	}
	return pushDecoded(c, b)
}

func pushDecoded(c *vm.Call, b []byte) error {
	d := decoder{state: c.State(), in: b}
	t, err := d.document(false, 0)
	if err != nil {
		return c.Errorf("bson: %v", err)
	}
	return c.Return(t.Value())
}
