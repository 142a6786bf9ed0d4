package bson

import (
	"encoding/binary"
	"math"

	"github.com/luahost/luahost/vm"
)

// document is an encoded document in the hands of a script.
type document struct {
	bytes []byte
	index map[string]place // nil before makeindex
}

// place is where the value of a field is.
type place struct {
	kind byte
	at   int
}

func documentOf(v vm.Value) (*document, bool) {
	u, ok := v.AsUserdata()
	if !ok {
		return nil, false
	}
	d, ok := u.Data.(*document)
	return d, ok
}

func decodeDocument(c *vm.Call) error {
	d, ok := documentOf(c.Arg(1))
	if !ok {
		return c.TypeError(1, "document")
	}
	return pushDecoded(c, d.bytes)
}

func length(d *document) int { return len(d.bytes) }

func text(d *document) string { return string(d.bytes) }

// fixed tells which values can be replaced: their size doesn't depend on them.
var fixed = map[byte]bool{
	kindDouble: true, kindBoolean: true, kindObjectID: true, kindDate: true, kindTimestamp: true, kindInt32: true, kindInt64: true,
}

func makeIndex(c *vm.Call) error {
	d, ok := documentOf(c.Arg(1))
	if !ok {
		return c.TypeError(1, "document")
	}
	index := map[string]place{}
	fields := decoder{c.State(), d.bytes[4 : len(d.bytes)-1]}
	for len(fields.in) > 0 {
		kind := fields.in[0]
		fields.in = fields.in[1:]
		key, err := fields.text()
		if err != nil {
			return c.Errorf("bson: %v", err)
		}
		index[key] = place{kind, len(d.bytes) - 1 - len(fields.in)}
		if _, err := fields.value(kind, 0); err != nil {
			return c.Errorf("bson: %v", err)
		}
	}
	d.index = index
	return c.ReturnArgs(1)
}

func replace(c *vm.Call) error {
	d, ok := documentOf(c.Arg(1))
	if !ok {
		return c.TypeError(1, "document")
	}
	if d.index == nil {
		return c.Errorf("call makeindex first")
	}
	p, ok := d.index[vm.Text(c.Arg(2))]
	if !ok {
		return c.Errorf("Can't replace key : %s", vm.Text(c.Arg(2)))
	}
	if !fixed[p.kind] {
		return c.Errorf("Can't replace type %d", p.kind)
	}
	b, err := fixedValue(c, p.kind, c.Arg(3))
	if err != nil {
		return err
	}
	copy(d.bytes[p.at:], b)
	return nil
}

// fixedValue returns the bytes of a value of a type, in the third argument.
func fixedValue(c *vm.Call, kind byte, v vm.Value) ([]byte, error) {
	switch kind {
	case kindDouble:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(c.CheckNumber(3))), nil
	case kindBoolean:
		return []byte{flag(v.Truthy())}, nil
	case kindInt32:
		f := c.CheckNumber(3)
		if f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
			return nil, c.Errorf("%s must be a 32bit integer ", vm.Text(v))
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(int32(f))), nil
	case kindInt64:
		if v.Kind() == vm.KindNumber {
			n, err := integer(c, 3)
			return binary.LittleEndian.AppendUint64(nil, uint64(n)), err
		}
	}
	s, ok := v.AsString()
	if !ok || len(s) < 2 || s[0] != 0 || s[1] != kind {
		return nil, c.Errorf("Type mismatch, need a value of bson type %d", kind)
	}
	e := encoder{call: c}
	if err := e.special("", kind, s[2:]); err != nil {
		return nil, err
	}
	return e.out[2:], nil
}
