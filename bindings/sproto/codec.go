package sproto

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/luahost/luahost/vm"
)

// maxDepth is how deep structs may be nested in a message.
const maxDepth = 64

// Encode encodes a table as a struct.
func Encode(c *vm.Call, t *Type, v vm.Value) ([]byte, error) { return encoder{c}.structure(t, v, 0) }

type encoder struct{ call *vm.Call }

func (e encoder) structure(t *Type, v vm.Value, depth int) ([]byte, error) {
	table, ok := v.AsTable()
	if !ok {
		return nil, fmt.Errorf("%s is not a table (Is a %s)", t.Name, v.Kind())
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("table is too deep")
	}
	var w writer
	for _, f := range t.Fields {
		v, err := e.field(table, f.Name)
		if err == nil && !v.IsNil() {
			err = e.add(&w, t, f, v, depth)
		}
		if err != nil {
			return nil, err
		}
	}
	b := w.encoded()
	return b, e.call.State().Spend(int64(len(w.words)))
}

func (e encoder) field(t *vm.Table, name string) (vm.Value, error) {
	if t.Metatable() == nil {
		return t.GetString(name), nil
	}
	return e.call.Index(t.Value(), vm.String(name))
}

func (e encoder) add(w *writer, t *Type, f *Field, v vm.Value, depth int) error {
	if f.Array {
		b, err := e.array(t, f, v, depth)
		if err != nil {
			return err
		}
		return w.bytes(f.Tag, b)
	}
	switch f.Kind {
	case Integer, Boolean:
		n, err := integer(t, f, v)
		if err != nil {
			return err
		}
		return w.integer(f.Tag, n)
	case Double:
		n, ok := v.AsNumber()
		if !ok {
			return mismatch(t, f, "number", v)
		}
		return w.bytes(f.Tag, binary.LittleEndian.AppendUint64(nil, math.Float64bits(n)))
	case String:
		s, ok := vm.ToString(v)
		if !ok {
			return mismatch(t, f, "string", v)
		}
		return w.bytes(f.Tag, []byte(s))
	}
	b, err := e.structure(f.Type, v, depth+1)
	if err != nil {
		return err
	}
	return w.bytes(f.Tag, b)
}

func mismatch(t *Type, f *Field, want string, v vm.Value) error {
	return fmt.Errorf(".%s.%s is not a %s (Is a %s)", t.Name, f.Name, want, v.Kind())
}

func integer(t *Type, f *Field, v vm.Value) (int64, error) {
	if f.Kind == Boolean {
		b, ok := v.AsBool()
		if !ok {
			return 0, mismatch(t, f, "boolean", v)
		}
		if b {
			return 1, nil
		}
		return 0, nil
	}
	n, ok := vm.ToNumber(v)
	if !ok {
		return 0, mismatch(t, f, "number", v)
	}
	if f.Digits > 0 {
		n = math.Floor(n*math.Pow10(f.Digits) + 0.5)
	}
	if n != math.Trunc(n) || n < -1<<63 || n >= 1<<63 {
		return 0, mismatch(t, f, "integer", v)
	}
	return int64(n), nil
}

func (e encoder) array(t *Type, f *Field, v vm.Value, depth int) ([]byte, error) {
	table, ok := v.AsTable()
	if !ok {
		return nil, mismatch(t, f, "table", v)
	}
	if f.Key != nil {
		return e.keyed(f, table, depth)
	}
	var out []byte
	var numbers []int64
	for i := 1; ; i++ {
		v := table.GetInt(i)
		if table.Metatable() != nil {
			var err error
			if v, err = e.call.Index(table.Value(), vm.Int(i)); err != nil {
				return nil, err
			}
		}
		if v.IsNil() {
			break
		}
		var err error
		switch f.Kind {
		case Integer:
			var n int64
			n, err = integer(t, f, v)
			numbers = append(numbers, n)
		case Boolean:
			var n int64
			n, err = integer(t, f, v)
			out = append(out, byte(n))
		case Double:
			n, ok := v.AsNumber()
			if !ok {
				err = mismatch(t, f, "number", v)
			}
			numbers = append(numbers, int64(math.Float64bits(n)))
		case String:
			s, ok := vm.ToString(v)
			if !ok {
				err = mismatch(t, f, "string", v)
			}
			out = appendSized(out, s)
		case Struct:
			var b []byte
			b, err = e.structure(f.Type, v, depth+1)
			out = appendSized(out, b)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.Kind == Integer || f.Kind == Double {
		out = numberArray(numbers, f.Kind == Double)
	}
	return out, nil
}

// numberArray encodes numbers in 4 bytes each, or in 8 when one needs them; a byte in front tells which.
func numberArray(numbers []int64, wide bool) []byte {
	if len(numbers) == 0 {
		return nil
	}
	for _, n := range numbers {
		wide = wide || n != int64(int32(n))
	}
	if !wide {
		b := []byte{4}
		for _, n := range numbers {
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	b := []byte{8}
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return b
}

// keyed encodes a table of structs by key, or of values by key.
func (e encoder) keyed(f *Field, table *vm.Table, depth int) (out []byte, err error) {
	var key, v vm.Value
	for {
		if key, v, err = table.Next(key); err != nil || key.IsNil() {
			return out, err
		}
		element := v
		if f.Map {
			pair := e.call.State().NewTable(0, 2)
			pair.SetString(f.Type.Fields[0].Name, key)
			pair.SetString(f.Type.Fields[1].Name, v)
			element = pair.Value()
		}
		b, err := e.structure(f.Type, element, depth+1)
		if err != nil {
			return nil, err
		}
		out = appendSized(out, b)
	}
}

// Decode decodes a struct into a table. It returns how many bytes the struct has.
func Decode(s *vm.State, t *Type, b []byte, into *vm.Table) (size int, err error) {
	return decoder{s}.structure(t, b, into, 0)
}

type decoder struct{ state *vm.State }

func (d decoder) structure(t *Type, b []byte, into *vm.Table, depth int) (int, error) {
	if depth > maxDepth {
		return 0, errWire
	}
	return readFields(b, func(w wireField) error {
		f := t.Field(w.tag)
		if f == nil {
			return nil
		}
		v, err := d.value(f, w, depth)
		if err == nil {
			into.SetString(f.Name, v)
		}
		return err
	})
}

func (d decoder) value(f *Field, w wireField, depth int) (vm.Value, error) {
	if err := d.state.Spend(1); err != nil {
		return vm.Nil(), err
	}
	if f.Array {
		if w.bytes == nil {
			return vm.Nil(), errWire
		}
		return d.array(f, w.bytes, depth)
	}
	switch f.Kind {
	case Integer:
		n, err := w.integer()
		return number(f, n), err
	case Boolean:
		n, err := w.integer()
		return vm.Bool(n != 0), err
	case Double:
		if len(w.bytes) != 8 {
			return vm.Nil(), errWire
		}
		return vm.Number(math.Float64frombits(binary.LittleEndian.Uint64(w.bytes))), nil
	}
	if w.bytes == nil {
		return vm.Nil(), errWire
	}
	return d.object(f, w.bytes, depth)
}

func number(f *Field, n int64) vm.Value {
	if f.Digits > 0 {
		return vm.Number(float64(n) / math.Pow10(f.Digits))
	}
	return vm.Number(float64(n))
}

// object decodes a string or a struct.
func (d decoder) object(f *Field, b []byte, depth int) (vm.Value, error) {
	if f.Kind == String {
		return d.state.NewString(string(b)), nil
	}
	t := d.state.NewTable(0, len(f.Type.Fields))
	_, err := d.structure(f.Type, b, t, depth+1)
	return t.Value(), err
}

func (d decoder) array(f *Field, b []byte, depth int) (vm.Value, error) {
	list := d.state.NewTable(0, 0)
	switch {
	case len(b) == 0:
	case f.Kind == Integer || f.Kind == Double:
		width := int(b[0])
		b = b[1:]
		if width != 4 && width != 8 || len(b)%width != 0 {
			return vm.Nil(), errWire
		}
		for i := 1; len(b) > 0; i++ {
			n, _ := wireField{bytes: b[:width]}.integer()
			b = b[width:]
			if f.Kind == Double {
				list.SetInt(i, vm.Number(math.Float64frombits(uint64(n))))
			} else {
				list.SetInt(i, number(f, n))
			}
		}
	case f.Kind == Boolean:
		for i, v := range b {
			list.SetInt(i+1, vm.Bool(v != 0))
		}
	default:
		elements, err := split(b)
		if err != nil {
			return vm.Nil(), err
		}
		for i, b := range elements {
			v, err := d.object(f, b, depth)
			if err == nil {
				err = d.store(f, list, i+1, v)
			}
			if err != nil {
				return vm.Nil(), err
			}
		}
	}
	return list.Value(), d.state.Spend(int64(list.Len()))
}

// store puts an element into its array: at its place, or by its key.
func (d decoder) store(f *Field, list *vm.Table, i int, v vm.Value) error {
	if f.Key == nil {
		list.SetInt(i, v)
		return nil
	}
	t, _ := v.AsTable()
	key := t.GetString(f.Key.Name)
	if key.IsNil() {
		return fmt.Errorf("Can't find main index %s in [%s]", f.Key.Name, f.Name)
	}
	if f.Map {
		v = t.GetString(f.Type.Fields[1].Name)
	}
	return list.Set(key, v)
}

// Default fills a table with the values that fields have when nobody sets them: of arrays the type's name is told.
func Default(s *vm.State, t *Type) *vm.Table {
	into := s.NewTable(0, len(t.Fields))
	for _, f := range t.Fields {
		var v vm.Value
		switch {
		case f.Array:
			empty := s.NewTable(0, 1)
			empty.SetString("__array", vm.Bool(true))
			v = empty.Value()
		case f.Kind == Struct:
			typ := s.NewTable(0, 1)
			typ.SetString("__type", vm.String(f.Type.Name))
			v = typ.Value()
		case f.Kind == Boolean:
			v = vm.Bool(false)
		case f.Kind == String:
			v = vm.String("")
		default:
			v = vm.Int(0)
		}
		into.SetString(f.Name, v)
	}
	return into
}
