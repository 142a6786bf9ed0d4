package bson

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/luahost/luahost/vm"
)

// decoder reads documents. What is read is taken off in.
type decoder struct {
	state *vm.State
	in    []byte
}

var errShort = errors.New("the document is cut off")

// bytes takes n bytes.
func (d *decoder) bytes(n int) ([]byte, error) {
	if n < 0 || n > len(d.in) {
		return nil, errShort
	}
	b := d.in[:n]
	d.in = d.in[n:]
	return b, nil
}

// text takes bytes up to a zero byte.
func (d *decoder) text() (string, error) {
	n := bytes.IndexByte(d.in, 0)
	if n < 0 {
		return "", errShort
	}
	b, _ := d.bytes(n + 1)
	return string(b[:n]), nil
}

func (d *decoder) int32() (int, error) {
	b, err := d.bytes(4)
	if err != nil {
		return 0, err
	}
	return int(int32(binary.LittleEndian.Uint32(b))), nil
}

func (d *decoder) int64() (int64, error) {
	b, err := d.bytes(8)
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(b)), nil
}

// document takes a document or an array.
func (d *decoder) document(array bool, depth int) (*vm.Table, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("documents are more than %d deep in each other", maxDepth)
	}
	size, err := d.int32()
	if err != nil {
		return nil, err
	}
	content, err := d.bytes(size - 4)
	if err != nil {
		return nil, err
	}
	if len(content) == 0 || content[len(content)-1] != 0 {
		return nil, errors.New("Invalid document end")
	}
	t := d.state.NewTable(0, 0)
	fields := decoder{d.state, content[:len(content)-1]}
	for len(fields.in) > 0 {
		kind := fields.in[0]
		fields.in = fields.in[1:]
		key, err := fields.text()
		if err != nil {
			return nil, err
		}
		v, err := fields.value(kind, depth)
		if err != nil {
			return nil, fmt.Errorf("%w, in the field %s", err, key)
		}
		if i, err := strconv.Atoi(key); array && err == nil {
			t.SetInt(i+1, v)
		} else {
			t.SetString(key, v)
		}
	}
	return t, nil
}

func (d *decoder) value(kind byte, depth int) (vm.Value, error) {
	switch kind {
	case kindDouble:
		n, err := d.int64()
		return vm.Number(math.Float64frombits(uint64(n))), err
	case kindBoolean:
		b, err := d.bytes(1)
		return vm.Bool(err == nil && b[0] != 0), err
	case kindString:
		b, err := d.sized(1)
		return d.state.NewString(string(b)), err
	case kindDocument, kindArray:
		t, err := d.document(kind == kindArray, depth+1)
		if err != nil {
			return vm.Nil(), err
		}
		return t.Value(), nil
	case kindInt32:
		n, err := d.int32()
		return vm.Int(n), err
	case kindInt64:
		n, err := d.int64()
		if n >= exact || n <= -exact {
			return d.special(kindInt64, binary.LittleEndian.AppendUint64(nil, uint64(n))), err
		}
		return vm.Number(float64(n)), err
	}
	content, err := d.content(kind)
	return d.special(kind, content), err
}

// sized takes a string with its size in front, and returns it without the zero bytes at its end.
func (d *decoder) sized(zeros int) ([]byte, error) {
	n, err := d.int32()
	if err != nil {
		return nil, err
	}
	if n < zeros {
		return nil, fmt.Errorf("Invalid bson string , length = %d", n)
	}
	b, err := d.bytes(n)
	if err != nil {
		return nil, err
	}
	return b[:n-zeros], nil
}

// content takes a value that Lua has no type for.
func (d *decoder) content(kind byte) ([]byte, error) {
	if size, ok := sizes[kind]; ok {
		return d.bytes(size)
	}
	switch kind {
	case kindBinary:
		n, err := d.int32()
		if err != nil {
			return nil, err
		}
		return d.bytes(n + 1)
	case kindDate:
		n, err := d.int64()
		return dateContent(floor(n, 1000)), err
	case kindRegex:
		all := d.in
		for range 2 {
			if _, err := d.text(); err != nil {
				return nil, err
			}
		}
		return all[:len(all)-len(d.in)], nil
	case kindCode, kindSymbol:
		return d.sized(1)
	case kindPointer:
		all := d.in
		if _, err := d.sized(1); err != nil {
			return nil, err
		}
		if _, err := d.bytes(12); err != nil {
			return nil, err
		}
		return all[:len(all)-len(d.in)], nil
	case kindScoped:
		n, err := d.int32()
		if err != nil {
			return nil, err
		}
		return d.bytes(n - 4)
	}
	return nil, fmt.Errorf("Invalid bson type : %d", kind)
}

func floor(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

func (d *decoder) special(kind byte, content []byte) vm.Value {
	return d.state.NewString(special(kind, string(content)))
}
