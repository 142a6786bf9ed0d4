package module

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// decoding is the conversion of one argument.
type decoding struct {
	state *vm.State
	depth int
}

// decoder stores a Lua value in a Go variable. Its errors are mismatches, and those of the state's limits.
type decoder func(d *decoding, v vm.Value, to reflect.Value) error

// mismatch tells which type a value should have had.
type mismatch struct {
	expected string
	got      vm.Kind
}

func (m *mismatch) Error() string { return fmt.Sprintf("%s expected, got %s", m.expected, m.got) }

// invalid tells what is wrong with a value of the right type.
type invalid string

func (i invalid) Error() string { return string(i) }

const (
	noInteger  = "number has no integer representation"
	outOfRange = invalid("number is out of range")
	tooDeep    = invalid("table nests too deep")
	noService  = invalid("a callback needs a service")
)

// within tells where inside of an argument an error is.
func within(place string, err error) error {
	var limit *vm.Error
	if errors.As(err, &limit) {
		return err
	}
	return invalid(place + ": " + err.Error())
}

// argument decodes argument i.
func argument(call *vm.Call, i int, f decoder, to reflect.Value) error {
	d := decoding{state: call.State()}
	err := f(&d, call.Arg(i), to)
	return badArgument(call, i, err)
}

// badArgument words an error of a decoder.
func badArgument(c *vm.Call, i int, err error) error {
	switch e := err.(type) {
	case *mismatch:
		return c.TypeError(i, e.expected)
	case invalid:
		return c.ArgError(i, e.Error())
	}
	return err
}

// in returns the decoder of a type.
func (c *converters) in(t reflect.Type) decoder {
	if f, ok := c.ins.Load(t); ok {
		return f.(decoder)
	}
	// A type that contains itself finds this until its decoder is made; so does another goroutine, which waits.
	var made decoder
	var ready sync.WaitGroup
	ready.Add(1)
	f, found := c.ins.LoadOrStore(t, decoder(func(d *decoding, v vm.Value, to reflect.Value) error {
		ready.Wait()
		return made(d, v, to)
	}))
	if found {
		return f.(decoder)
	}
	made = c.makeIn(t)
	ready.Done()
	c.ins.Store(t, made)
	return made
}

func (c *converters) makeIn(t reflect.Type) decoder {
	switch t {
	case valueT:
		return func(_ *decoding, v vm.Value, to reflect.Value) error { return set(to, v) }
	case tableT:
		return decodeVMTable
	case callbackT:
		return c.decodeCallback
	case timeT:
		return decodeTime
	case durationT:
		return decodeDuration
	case anyT:
		return c.decodeAny
	}
	if u := c.types[t]; u != nil {
		return u.decode
	}
	switch t.Kind() {
	case reflect.Bool:
		return decodeBool
	case reflect.String:
		return decodeString
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return decodeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return decodeUint
	case reflect.Float32, reflect.Float64:
		return decodeFloat
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return decodeBytes
		}
		return c.decodeSlice(t)
	case reflect.Array:
		return c.decodeArray(t)
	case reflect.Map:
		return c.decodeMap(t)
	case reflect.Struct:
		return c.decodeStruct(t)
	case reflect.Pointer:
		return c.decodePointer(t)
	case reflect.Interface:
		return decodeInterface
	case reflect.Func:
		return c.decodeFunc(t)
	}
	return func(_ *decoding, v vm.Value, _ reflect.Value) error {
		return invalid(fmt.Sprintf("no Lua value becomes a %s", t))
	}
}

func set(to reflect.Value, v any) error {
	to.Set(reflect.ValueOf(v))
	return nil
}

func decodeBool(_ *decoding, v vm.Value, to reflect.Value) error {
	b, ok := v.AsBool()
	if !ok {
		return &mismatch{"boolean", v.Kind()}
	}
	to.SetBool(b)
	return nil
}

func decodeString(_ *decoding, v vm.Value, to reflect.Value) error {
	s, ok := vm.ToString(v)
	if !ok {
		return &mismatch{"string", v.Kind()}
	}
	to.SetString(s)
	return nil
}

func decodeBytes(d *decoding, v vm.Value, to reflect.Value) error {
	s, ok := vm.ToString(v)
	if !ok {
		return &mismatch{"string", v.Kind()}
	}
	if err := d.state.Reserve(len(s)); err != nil {
		return err
	}
	to.SetBytes([]byte(s))
	return nil
}

func decodeFloat(_ *decoding, v vm.Value, to reflect.Value) error {
	f, ok := vm.ToNumber(v)
	if !ok {
		return &mismatch{"number", v.Kind()}
	}
	to.SetFloat(f)
	return nil
}

func decodeInt(_ *decoding, v vm.Value, to reflect.Value) error {
	f, err := integral(v)
	if err != nil {
		return err
	}
	if f < -0x1p63 || f >= 0x1p63 || to.OverflowInt(int64(f)) {
		return outOfRange
	}
	to.SetInt(int64(f))
	return nil
}

func decodeUint(_ *decoding, v vm.Value, to reflect.Value) error {
	f, err := integral(v)
	if err != nil {
		return err
	}
	if f < 0 || f >= 0x1p64 || to.OverflowUint(uint64(f)) {
		return outOfRange
	}
	to.SetUint(uint64(f))
	return nil
}

func integral(v vm.Value) (float64, error) {
	f, ok := vm.ToNumber(v)
	if !ok {
		return 0, &mismatch{"number", v.Kind()}
	}
	if f != math.Trunc(f) || math.IsInf(f, 0) {
		return 0, invalid(noInteger)
	}
	return f, nil
}

func decodeTime(_ *decoding, v vm.Value, to reflect.Value) error {
	f, ok := vm.ToNumber(v)
	if !ok {
		return &mismatch{"number", v.Kind()}
	}
	if !(math.Abs(f) < 1<<53) {
		return outOfRange
	}
	whole, part := math.Modf(f)
	return set(to, time.Unix(int64(whole), int64(math.Round(part*1e6))*1e3)) // a float64 has no nanoseconds now
}

func decodeDuration(_ *decoding, v vm.Value, to reflect.Value) error {
	f, ok := vm.ToNumber(v)
	if !ok {
		return &mismatch{"number", v.Kind()}
	}
	if f *= 1e9; !(math.Abs(f) < 1<<63) {
		return outOfRange
	}
	to.SetInt(int64(math.Round(f)))
	return nil
}

func decodeVMTable(_ *decoding, v vm.Value, to reflect.Value) error {
	t, ok := v.AsTable()
	if !ok {
		return &mismatch{"table", v.Kind()}
	}
	return set(to, t)
}

func decodeInterface(_ *decoding, v vm.Value, to reflect.Value) error {
	if u, ok := v.AsUserdata(); ok && u.Data != nil && reflect.TypeOf(u.Data).Implements(to.Type()) {
		return set(to, u.Data)
	}
	return &mismatch{to.Type().Name(), v.Kind()}
}

// decodePointer decodes what may be absent, and objects of types that other modules have declared.
func (c *converters) decodePointer(t reflect.Type) decoder {
	elem := c.in(t.Elem())
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		if v.IsNil() {
			to.SetZero()
			return nil
		}
		if u, ok := v.AsUserdata(); ok && reflect.TypeOf(u.Data) == t {
			return set(to, u.Data)
		}
		p := reflect.New(t.Elem())
		if err := elem(d, v, p.Elem()); err != nil {
			return err
		}
		to.Set(p)
		return nil
	}
}

// enter begins a table: it must be one, and tables must not nest for ever.
func (d *decoding) enter(v vm.Value) (*vm.Table, error) {
	t, ok := v.AsTable()
	if !ok {
		return nil, &mismatch{"table", v.Kind()}
	}
	if d.depth++; d.depth > maxDepth {
		return nil, tooDeep
	}
	return t, nil
}

func (d *decoding) leave() { d.depth-- }

func (c *converters) decodeSlice(t reflect.Type) decoder {
	elem := c.in(t.Elem())
	size := int(t.Elem().Size())
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		table, err := d.enter(v)
		if err != nil {
			return err
		}
		n := table.Len()
		if err := d.state.Reserve(n * size); err != nil {
			return err
		}
		slice := reflect.MakeSlice(t, n, n)
		if err := elements(d, table, n, elem, slice); err != nil {
			return err
		}
		to.Set(slice)
		d.leave()
		return nil
	}
}

func (c *converters) decodeArray(t reflect.Type) decoder {
	elem := c.in(t.Elem())
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		table, err := d.enter(v)
		if err != nil {
			return err
		}
		if n := table.Len(); n != t.Len() {
			return invalid(fmt.Sprintf("%d elements expected, got %d", t.Len(), n))
		}
		defer d.leave()
		return elements(d, table, t.Len(), elem, to)
	}
}

func elements(d *decoding, table *vm.Table, n int, elem decoder, to reflect.Value) error {
	if err := d.state.Spend(int64(n)); err != nil {
		return err
	}
	for i := range n {
		if err := elem(d, table.GetInt(i+1), to.Index(i)); err != nil {
			return within(fmt.Sprintf("element %d", i+1), err)
		}
	}
	return nil
}

// each calls f for the fields of a table.
func (d *decoding) each(t *vm.Table, f func(k, v vm.Value) error) error {
	k, v, err := t.Next(vm.Nil())
	for ; err == nil && !k.IsNil(); k, v, err = t.Next(k) {
		if err := d.state.Spend(1); err != nil {
			return err
		}
		if err := f(k, v); err != nil {
			return err
		}
	}
	return err
}

func (c *converters) decodeMap(t reflect.Type) decoder {
	key, elem := c.in(t.Key()), c.in(t.Elem())
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		table, err := d.enter(v)
		if err != nil {
			return err
		}
		m := reflect.MakeMap(t)
		err = d.each(table, func(k, v vm.Value) error {
			if err := d.state.Reserve(int(t.Key().Size() + t.Elem().Size())); err != nil {
				return err
			}
			gk, gv := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			if err := key(d, k, gk); err != nil {
				return within("key "+describe(k), err)
			}
			if !gk.Comparable() {
				return invalid("key " + describe(k) + ": it can't be a key in Go")
			}
			if err := elem(d, v, gv); err != nil {
				return within("field "+describe(k), err)
			}
			m.SetMapIndex(gk, gv)
			return nil
		})
		if err != nil {
			return err
		}
		to.Set(m)
		d.leave()
		return nil
	}
}

func (c *converters) decodeStruct(t reflect.Type) decoder {
	type known struct {
		field
		decode decoder
	}
	fields := map[string]known{}
	var required []string
	for _, f := range fieldsOf(t) {
		fields[f.name] = known{f, c.in(f.typ)}
		if f.required {
			required = append(required, f.name)
		}
	}
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		table, err := d.enter(v)
		if err != nil {
			return err
		}
		err = d.each(table, func(k, v vm.Value) error {
			name, _ := k.AsString()
			f, ok := fields[name]
			if !ok || k.Kind() != vm.KindString {
				return invalid("unknown field " + describe(k))
			}
			if err := f.decode(d, v, to.FieldByIndex(f.index)); err != nil {
				return within("field "+describe(k), err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range required {
			if table.GetString(name).IsNil() {
				return invalid("field '" + name + "' is missing")
			}
		}
		d.leave()
		return nil
	}
}

// describe shows the key of a table in a message.
func describe(k vm.Value) string {
	const shown = 40
	text := vm.Text(k)
	if len(text) > shown {
		text = text[:shown] + "..."
	}
	if k.Kind() == vm.KindString {
		return "'" + text + "'"
	}
	return text
}

func (c *converters) decodeAny(d *decoding, v vm.Value, to reflect.Value) error {
	x, err := c.natural(d, v)
	if err != nil {
		return err
	}
	if x == nil {
		to.SetZero()
		return nil
	}
	return set(to, x)
}

// scalarOf returns the Go value of what is no object.
func scalarOf(v vm.Value) (x any, ok bool) {
	switch v.Kind() {
	case vm.KindNil:
		return nil, true
	case vm.KindBoolean:
		return v.Truthy(), true
	case vm.KindNumber:
		f, _ := v.AsNumber()
		return f, true
	case vm.KindString:
		s, _ := v.AsString()
		return s, true
	}
	return nil, false
}

// natural returns the Go value that a Lua value becomes where the type is any.
func (c *converters) natural(d *decoding, v vm.Value) (any, error) {
	if x, ok := scalarOf(v); ok {
		return x, nil
	}
	switch v.Kind() {
	case vm.KindTable:
		return c.naturalTable(d, v)
	case vm.KindFunction:
		return c.newCallback(d.state, v)
	case vm.KindUserdata:
		if u, _ := v.AsUserdata(); u.Data != nil {
			return u.Data, nil
		}
	}
	return v, nil
}

func (c *converters) naturalTable(d *decoding, v vm.Value) (any, error) {
	table, err := d.enter(v)
	if err != nil {
		return nil, err
	}
	defer d.leave()
	fields, strings := 0, 0
	err = d.each(table, func(k, _ vm.Value) error {
		fields++
		if k.Kind() == vm.KindString {
			strings++
		}
		return d.state.Reserve(int(2 * anyT.Size()))
	})
	if err != nil {
		return nil, err
	}
	switch fields {
	case strings:
		m := make(map[string]any, fields)
		err = d.each(table, func(k, v vm.Value) error {
			name, _ := k.AsString()
			m[name], err = c.natural(d, v)
			return place("field", k, err)
		})
		return m, err
	case table.Len():
		list := make([]any, fields)
		for i := range list {
			if list[i], err = c.natural(d, table.GetInt(i+1)); err != nil {
				return nil, place("element", vm.Int(i+1), err)
			}
		}
		return list, nil
	}
	m := make(map[any]any, fields)
	err = d.each(table, func(k, v vm.Value) error {
		key, err := c.natural(d, k)
		if err == nil && !reflect.ValueOf(key).Comparable() {
			err = invalid("it can't be a key in Go")
		}
		if err != nil {
			return place("key", k, err)
		}
		m[key], err = c.natural(d, v)
		return place("field", k, err)
	})
	return m, err
}

func place(what string, k vm.Value, err error) error {
	if err == nil {
		return nil
	}
	return within(what+" "+describe(k), err)
}

func (c *converters) decodeCallback(d *decoding, v vm.Value, to reflect.Value) error {
	if !v.IsFunction() {
		return &mismatch{"function", v.Kind()}
	}
	f, err := c.newCallback(d.state, v)
	if err != nil {
		return err
	}
	return set(to, f)
}

func (c *converters) newCallback(s *vm.State, f vm.Value) (*Callback, error) {
	service, ok := s.Host.(*host.Service)
	if !ok {
		return nil, noService
	}
	return &Callback{service, f, c}, nil
}
