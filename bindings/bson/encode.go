package bson

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/luahost/luahost/vm"
)

// encoder writes values as fields of documents.
type encoder struct {
	call *vm.Call // metamethods are called in it
	out  []byte
}

// begin starts a document, whose size is not known yet.
func (e *encoder) begin() (start int) {
	start = len(e.out)
	e.out = append(e.out, 0, 0, 0, 0)
	return start
}

func (e *encoder) end(start int) error {
	e.out = append(e.out, 0)
	size := len(e.out) - start
	if size > math.MaxInt32 {
		return e.call.Errorf("a document of %d bytes is too large", size)
	}
	binary.LittleEndian.PutUint32(e.out[start:], uint32(size))
	return nil
}

// document writes the fields of a table, whatever its keys.
func (e *encoder) document(t *vm.Table, depth int) error {
	if depth > maxDepth {
		return e.call.Errorf("Too depth while encoding bson")
	}
	start := e.begin()
	var err error
	if pairs := e.metamethod(t, "__pairs"); pairs.IsNil() {
		err = e.fields(t, depth)
	} else {
		err = e.pairs(t, pairs, depth)
	}
	if err != nil {
		return err
	}
	return e.end(start)
}

func (e *encoder) metamethod(t *vm.Table, name string) vm.Value {
	if m := t.Metatable(); m != nil {
		return m.GetString(name)
	}
	return vm.Nil()
}

func (e *encoder) fields(t *vm.Table, depth int) error {
	k, v, err := t.Next(vm.Nil())
	for ; err == nil && !k.IsNil(); k, v, err = t.Next(k) {
		if err = e.field(k, v, depth); err != nil {
			break
		}
	}
	return err
}

// pairs writes what the iterator of the metamethod __pairs returns.
func (e *encoder) pairs(t *vm.Table, pairs vm.Value, depth int) error {
	var loop [3]vm.Value
	r, err := e.call.Call(pairs, t.Value())
	if err != nil {
		return err
	}
	copy(loop[:], r)
	for {
		r, err := e.call.Call(loop[0], loop[1], loop[2])
		if err != nil {
			return err
		}
		if len(r) == 0 || r[0].IsNil() {
			return nil
		}
		loop[2] = r[0]
		v := vm.Nil()
		if len(r) > 1 {
			v = r[1]
		}
		if err := e.field(loop[2], v, depth); err != nil {
			return err
		}
	}
}

func (e *encoder) field(k, v vm.Value, depth int) error {
	switch k.Kind() {
	case vm.KindString, vm.KindNumber:
		return e.value(vm.Text(k), v, depth)
	}
	return e.call.Errorf("Bson dictionary's key can't be %s", k.Kind())
}

// array writes the elements 1 to n.
func (e *encoder) array(t *vm.Table, n, depth int) error {
	if depth > maxDepth {
		return e.call.Errorf("Too depth while encoding bson")
	}
	start := e.begin()
	for i := range n {
		v, err := e.call.Index(t.Value(), vm.Int(i+1))
		if err != nil {
			return err
		}
		if v.IsNil() {
			return e.call.Errorf("Bson array has a hole (nil), Use bson.null instead")
		}
		if err := e.value(strconv.Itoa(i), v, depth); err != nil {
			return err
		}
	}
	return e.end(start)
}

func (e *encoder) key(kind byte, key string) {
	e.out = append(e.out, kind)
	e.out = append(e.out, key...)
	e.out = append(e.out, 0)
}

func (e *encoder) int32(n int) { e.out = binary.LittleEndian.AppendUint32(e.out, uint32(n)) }

func (e *encoder) int64(n int64) { e.out = binary.LittleEndian.AppendUint64(e.out, uint64(n)) }

// text writes a string with its size, which counts the zero byte behind it.
func (e *encoder) text(s string) {
	e.int32(len(s) + 1)
	e.out = append(e.out, s...)
	e.out = append(e.out, 0)
}

// value writes a field.
func (e *encoder) value(key string, v vm.Value, depth int) error {
	if strings.IndexByte(key, 0) >= 0 {
		return e.call.Errorf("the key %q has a zero byte", key)
	}
	switch v.Kind() {
	case vm.KindNumber:
		f, _ := v.AsNumber()
		e.number(key, f)
	case vm.KindString:
		s, _ := v.AsString()
		if len(s) > 1 && s[0] == 0 {
			return e.special(key, s[1], s[2:])
		}
		e.key(kindString, key)
		e.text(s)
	case vm.KindBoolean:
		e.key(kindBoolean, key)
		b, _ := v.AsBool()
		e.out = append(e.out, flag(b))
	case vm.KindTable:
		t, _ := v.AsTable()
		return e.table(key, t, depth+1)
	case vm.KindUserdata:
		d, ok := documentOf(v)
		if !ok {
			return e.call.Errorf("Invalid value type : userdata")
		}
		e.key(kindDocument, key)
		e.out = append(e.out, d.bytes...)
	default:
		return e.call.Errorf("Invalid value type : %s", v.Kind())
	}
	return nil
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// exact is the first integer that a Lua number can't tell from its successor.
const exact = 1 << 53

func (e *encoder) number(key string, f float64) {
	switch {
	case f != math.Trunc(f) || math.Abs(f) >= exact || f == 0 && math.Signbit(f):
		e.key(kindDouble, key)
		e.int64(int64(math.Float64bits(f)))
	case f >= math.MinInt32 && f <= math.MaxInt32:
		e.key(kindInt32, key)
		e.int32(int(f))
	default:
		e.key(kindInt64, key)
		e.int64(int64(f))
	}
}

func (e *encoder) table(key string, t *vm.Table, depth int) error {
	if size := e.metamethod(t, "__len"); !size.IsNil() {
		r, err := e.call.Call(size, t.Value())
		if err != nil {
			return err
		}
		n, ok := count(r)
		if !ok {
			return e.call.Errorf("__len should return integer")
		}
		e.key(kindArray, key)
		return e.array(t, n, depth)
	}
	if e.metamethod(t, "__pairs").IsNil() && isArray(t) {
		e.key(kindArray, key)
		return e.array(t, t.Len(), depth)
	}
	e.key(kindDocument, key)
	return e.document(t, depth)
}

// count returns the first of a function's results as a number of elements.
func count(results []vm.Value) (n int, ok bool) {
	if len(results) == 0 {
		return 0, false
	}
	f, ok := results[0].AsNumber()
	return int(f), ok && f == math.Trunc(f) && f >= 0 && f <= math.MaxInt32
}

// isArray reports whether the keys of a table are 1 to n, and there are any.
func isArray(t *vm.Table) bool {
	n := t.Len()
	if n == 0 {
		return false
	}
	after, _, err := t.Next(vm.Int(n))
	return err == nil && after.IsNil()
}

// sizes are those of the contents of special values, by type.
var sizes = map[byte]int{kindObjectID: 12, kindTimestamp: 8, kindInt64: 8, kindDecimal: 16, kindNull: 0, kindUndefined: 0, kindMinKey: 0, kindMaxKey: 0}

// special writes a value that Lua has no type for.
func (e *encoder) special(key string, kind byte, content string) error {
	if size, ok := sizes[kind]; ok && len(content) != size {
		if kind == kindObjectID {
			return e.call.Errorf("Invalid object id %s", content)
		}
		return e.call.Errorf("Invalid %s", kindNames[kind])
	}
	e.key(kind, key)
	switch kind {
	case kindNull, kindUndefined, kindMinKey, kindMaxKey:
	case kindObjectID, kindTimestamp, kindInt64, kindDecimal, kindPointer:
		e.out = append(e.out, content...)
	case kindBinary:
		if content == "" {
			return e.call.Errorf("Invalid binary")
		}
		e.int32(len(content) - 1)
		e.out = append(e.out, content...)
	case kindDate:
		seconds, ok := dateSeconds(content)
		if !ok {
			return e.call.Errorf("Invalid date")
		}
		e.int64(seconds * 1000)
	case kindRegex:
		if strings.Count(content, "\x00") != 2 || content[len(content)-1] != 0 {
			return e.call.Errorf("Invalid regex")
		}
		e.out = append(e.out, content...)
	case kindCode, kindSymbol:
		e.text(content)
	case kindScoped:
		e.int32(len(content) + 4)
		e.out = append(e.out, content...)
	default:
		return e.call.Errorf("Invalid subtype %d", kind)
	}
	return nil
}
