package module

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/luahost/luahost/vm"
)

// encoding is the conversion of one result.
type encoding struct {
	state *vm.State
	depth int
}

// encoder makes a Lua value of a Go value.
type encoder func(e *encoding, v reflect.Value) (vm.Value, error)

var errTooDeep = errors.New("a Go value nests too deep for Lua")

// value makes a Lua value of any Go value.
func (c *converters) value(e *encoding, x any) (vm.Value, error) {
	switch x := x.(type) {
	case nil:
		return vm.Nil(), nil
	case bool:
		return vm.Bool(x), nil
	case int:
		return vm.Int(x), nil
	case float64:
		return vm.Number(x), nil
	case string:
		return e.state.NewString(x), nil
	case []byte:
		return e.state.NewString(string(x)), nil
	case vm.Value:
		return x, nil
	case *vm.Table:
		return tableOrNil(x), nil
	}
	v := reflect.ValueOf(x)
	return c.out(v.Type())(e, v)
}

func tableOrNil(t *vm.Table) vm.Value {
	if t == nil {
		return vm.Nil()
	}
	return t.Value()
}

// out returns the encoder of a type.
func (c *converters) out(t reflect.Type) encoder {
	if f, ok := c.outs.Load(t); ok {
		return f.(encoder)
	}
	var made encoder
	var ready sync.WaitGroup
	ready.Add(1)
	f, found := c.outs.LoadOrStore(t, encoder(func(e *encoding, v reflect.Value) (vm.Value, error) {
		ready.Wait()
		return made(e, v)
	}))
	if found {
		return f.(encoder)
	}
	made = c.makeOut(t)
	ready.Done()
	c.outs.Store(t, made)
	return made
}

func (c *converters) makeOut(t reflect.Type) encoder {
	switch t {
	case valueT:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) { return v.Interface().(vm.Value), nil }
	case tableT:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) {
			return tableOrNil(v.Interface().(*vm.Table)), nil
		}
	case callbackT:
		return encodeCallback
	case timeT:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) {
			return vm.Number(Seconds(v.Interface().(time.Time))), nil
		}
	case durationT:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) {
			return vm.Number(time.Duration(v.Int()).Seconds()), nil
		}
	}
	if u := c.types[t]; u != nil {
		return u.encode
	}
	if t.Implements(errorT) {
		return encodeError
	}
	switch t.Kind() {
	case reflect.Bool:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) { return vm.Bool(v.Bool()), nil }
	case reflect.String:
		return func(e *encoding, v reflect.Value) (vm.Value, error) { return e.state.NewString(v.String()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) { return vm.Number(float64(v.Int())), nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) { return vm.Number(float64(v.Uint())), nil }
	case reflect.Float32, reflect.Float64:
		return func(_ *encoding, v reflect.Value) (vm.Value, error) { return vm.Number(v.Float()), nil }
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return func(e *encoding, v reflect.Value) (vm.Value, error) { return e.state.NewString(string(v.Bytes())), nil }
		}
		return c.encodeList(t)
	case reflect.Array:
		return c.encodeList(t)
	case reflect.Map:
		return c.encodeMap(t)
	case reflect.Struct:
		return c.encodeStruct(t)
	case reflect.Pointer:
		return c.encodePointer(t)
	case reflect.Interface:
		return func(e *encoding, v reflect.Value) (vm.Value, error) { return c.value(e, v.Interface()) }
	case reflect.Func:
		return c.encodeFunc(t)
	}
	return func(*encoding, reflect.Value) (vm.Value, error) {
		return vm.Nil(), fmt.Errorf("Lua has nothing like a %s", t)
	}
}

// Seconds returns t as scripts see it: the seconds since 1970.
func Seconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

func encodeError(e *encoding, v reflect.Value) (vm.Value, error) {
	if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
		return vm.Nil(), nil
	}
	return e.state.NewString(v.Interface().(error).Error()), nil
}

func encodeCallback(_ *encoding, v reflect.Value) (vm.Value, error) {
	if v.IsNil() {
		return vm.Nil(), nil
	}
	return v.Interface().(*Callback).f, nil
}

func (e *encoding) enter() error {
	if e.depth++; e.depth > maxDepth {
		return errTooDeep
	}
	return nil
}

func (e *encoding) leave() { e.depth-- }

func (c *converters) encodeList(t reflect.Type) encoder {
	elem := c.out(t.Elem())
	return func(e *encoding, v reflect.Value) (vm.Value, error) {
		if err := e.enter(); err != nil {
			return vm.Nil(), err
		}
		n := v.Len()
		if err := e.state.Spend(int64(n)); err != nil {
			return vm.Nil(), err
		}
		table := e.state.NewTable(n, 0)
		for i := range n {
			x, err := elem(e, v.Index(i))
			if err != nil {
				return vm.Nil(), err
			}
			table.SetInt(i+1, x)
		}
		e.leave()
		return table.Value(), nil
	}
}

func (c *converters) encodeMap(t reflect.Type) encoder {
	key, elem := c.out(t.Key()), c.out(t.Elem())
	return func(e *encoding, v reflect.Value) (vm.Value, error) {
		if err := e.enter(); err != nil {
			return vm.Nil(), err
		}
		table := e.state.NewTable(0, v.Len())
		for i := v.MapRange(); i.Next(); {
			if err := e.state.Spend(1); err != nil {
				return vm.Nil(), err
			}
			k, err := key(e, i.Key())
			if err != nil {
				return vm.Nil(), err
			}
			x, err := elem(e, i.Value())
			if err != nil {
				return vm.Nil(), err
			}
			if err := table.Set(k, x); err != nil {
				return vm.Nil(), err
			}
		}
		e.leave()
		return table.Value(), nil
	}
}

func (c *converters) encodeStruct(t reflect.Type) encoder {
	type known struct {
		field
		encode encoder
	}
	var fields []known
	for _, f := range fieldsOf(t) {
		fields = append(fields, known{f, c.out(f.typ)})
	}
	return func(e *encoding, v reflect.Value) (vm.Value, error) {
		if err := e.enter(); err != nil {
			return vm.Nil(), err
		}
		table := e.state.NewTable(0, len(fields))
		for _, f := range fields {
			x, err := f.encode(e, v.FieldByIndex(f.index))
			if err != nil {
				return vm.Nil(), err
			}
			table.SetString(f.name, x)
		}
		e.leave()
		return table.Value(), nil
	}
}

func (c *converters) encodePointer(t reflect.Type) encoder {
	elem := c.out(t.Elem())
	return func(e *encoding, v reflect.Value) (vm.Value, error) {
		if v.IsNil() {
			return vm.Nil(), nil
		}
		if err := e.enter(); err != nil {
			return vm.Nil(), err
		}
		defer e.leave()
		return elem(e, v.Elem())
	}
}
