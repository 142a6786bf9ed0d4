package host

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/luahost/luahost/vm"
)

// Pointer is a light userdata in the hands of Go code.
type Pointer uint64

// PackAny is Service.Pack for Go values: nil, bool, all integers and floats, string, []byte, Pointer, and of these []any,
// []string, map[string]any and map[any]any.
//
// The error is that of a value of another type, or of too deep nesting.
func PackAny(values ...any) ([]byte, error) {
	p := packer{}
	for _, v := range values {
		if err := p.any(v, 0); err != nil {
			return nil, err
		}
	}
	return p.buf, nil
}

func (p *packer) any(v any, depth int) error {
	if depth > maxPackDepth {
		return errPackDepth
	}
	switch v := v.(type) {
	case nil:
		p.tag(packNil, 0)
	case bool:
		p.boolean(v)
	case int:
		p.integer(int64(v))
	case int8:
		p.integer(int64(v))
	case int16:
		p.integer(int64(v))
	case int32:
		p.integer(int64(v))
	case int64:
		p.integer(v)
	case uint8:
		p.integer(int64(v))
	case uint16:
		p.integer(int64(v))
	case uint32:
		p.integer(int64(v))
	case uint:
		p.unsigned(uint64(v))
	case uint64:
		p.unsigned(v)
	case Handle:
		p.integer(int64(v))
	case float32:
		p.number(float64(v))
	case float64:
		p.number(v)
	case string:
		return p.string(v)
	case []byte:
		return p.string(string(v))
	case Pointer:
		p.userdata(uint64(v))
	case []any:
		return packList(p, v, depth+1)
	case []string:
		return packList(p, v, depth+1)
	case map[string]any:
		return packMap(p, v, depth+1)
	case map[any]any:
		return packMap(p, v, depth+1)
	default:
		return fmt.Errorf("a %T can't be sent to a service", v)
	}
	return nil
}

func (p *packer) unsigned(n uint64) {
	if n > math.MaxInt64 {
		p.number(float64(n))
		return
	}
	p.integer(int64(n))
}

func packList[T any](p *packer, list []T, depth int) error {
	p.array(len(list))
	for _, v := range list {
		if err := p.any(v, depth); err != nil {
			return err
		}
	}
	p.tag(packNil, 0)
	return nil
}

func packMap[K comparable](p *packer, m map[K]any, depth int) error {
	p.tag(packTable, 0)
	for k, v := range m {
		if any(k) == nil {
			return errInvalidKey
		}
		if err := p.any(k, depth); err != nil {
			return err
		}
		if err := p.any(v, depth); err != nil {
			return err
		}
	}
	p.tag(packNil, 0)
	return nil
}

// UnpackAny returns the values of a message as nil, bool, float64, string, Pointer, and tables as []any when they have
// an array part alone (or nothing), map[string]any when all keys are strings, and map[any]any otherwise.
//
// The error is that of bytes that are no message.
func UnpackAny(data []byte) ([]any, error) {
	u := unpacker{data: data}
	values := []any{}
	for len(u.data) > 0 {
		v, err := u.any(0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func (u *unpacker) any(depth int) (any, error) {
	kind, cookie, err := u.tag()
	if err != nil {
		return nil, err
	}
	switch kind {
	case packNil:
		return nil, nil
	case packBoolean:
		return cookie != 0, nil
	case packNumber:
		return u.number(cookie)
	case packUserdata:
		b, err := u.take(8)
		if err != nil {
			return nil, err
		}
		return Pointer(binary.LittleEndian.Uint64(b)), nil
	case packShortString, packLongString:
		b, err := u.string(kind, cookie)
		return string(b), err
	case packTable:
		return u.anyTable(cookie, depth+1)
	}
	return nil, u.invalid()
}

func (u *unpacker) anyTable(cookie, depth int) (any, error) {
	if depth > maxPackDepth+1 {
		return nil, errPackDepth
	}
	n, err := u.length(cookie)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for range n {
		v, err := u.any(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	var named map[string]any
	var mixed map[any]any
	for {
		k, err := u.any(depth)
		if err != nil {
			return nil, err
		}
		if k == nil {
			break
		}
		v, err := u.any(depth)
		if err != nil {
			return nil, err
		}
		switch name, isString := k.(string); {
		case !hashable(k):
			return nil, fmt.Errorf("a table with the key %v has no form in Go", k)
		case mixed == nil && isString && n == 0:
			if named == nil {
				named = map[string]any{}
			}
			named[name] = v
		default:
			if mixed == nil {
				mixed = mix(list, named)
			}
			mixed[k] = v
		}
	}
	switch {
	case mixed != nil:
		return mixed, nil
	case named != nil:
		return named, nil
	}
	return list, nil
}

// hashable reports whether a value can be a key of a Go map, and of a Lua table.
func hashable(k any) bool {
	switch k := k.(type) {
	case []any, map[string]any, map[any]any:
		return false
	case float64:
		return k == k
	}
	return true
}

func mix(list []any, named map[string]any) map[any]any {
	m := make(map[any]any, len(list)+len(named)+1)
	for i, v := range list {
		m[float64(i+1)] = v
	}
	for k, v := range named {
		m[k] = v
	}
	return m
}

// Values converts Go values, of the types that PackAny takes, to Lua values of a state.
func Values(state *vm.State, values ...any) ([]vm.Value, error) {
	data, err := PackAny(values...)
	if err != nil {
		return nil, err
	}
	return AppendUnpack(nil, state, data)
}
