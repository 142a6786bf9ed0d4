package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/luahost/luahost/vm"
)

// The form in which services send each other values, byte for byte that of skynet (lua-seri.c).
//
// Each value begins with a byte: the type in the low three bits, a cookie above. Integers and lengths are little-endian.
// A table is its array part, then keys and values, then nil.
const (
	packNil         = 0
	packBoolean     = 1 // cookie: 0 or 1
	packNumber      = 2 // cookie: see numberZero and the following
	packUserdata    = 3 // 8 bytes
	packShortString = 4 // cookie: the length
	packLongString  = 5 // cookie: the size of the length, 2 or 4 bytes
	packTable       = 6 // cookie: the length of the array part; 31: that follows as a number

	numberZero = 0
	numberByte = 1
	numberWord = 2
	numberInt  = 4 // 32 bits, signed
	numberLong = 6 // 64 bits, signed
	numberReal = 8

	maxCookie = 32
)

// maxPackDepth is how deep tables may be nested, as in skynet.
const maxPackDepth = 32

var (
	errPackDepth  = errors.New("serialize can't pack too depth table")
	errPackString = errors.New("string is too long to serialize")
	errInvalidKey = errors.New("table index is nil or NaN")
)

// Pack returns values in the form in which services send them (skynet.pack). The values may be nil, booleans, numbers,
// strings, light userdata and tables; metatables are left out, but a __pairs is honoured.
//
// # Errors
//
// A value of another type, tables nested deeper than 32, or an error of a __pairs.
func (s *Service) Pack(values []vm.Value) ([]byte, error) {
	p := packer{buf: s.scratch[:0], state: s.state, checked: packCheck}
	s.scratch = nil // a __pairs may pack as well
	for _, v := range values {
		if err := p.value(v, 0); err != nil {
			return nil, err
		}
	}
	if len(p.buf) > keptScratch {
		return p.buf, nil
	}
	s.scratch = p.buf
	return slices.Clone(p.buf), nil
}

// AppendPack is Service.Pack for any state; it appends to buf.
func AppendPack(buf []byte, state *vm.State, values []vm.Value) ([]byte, error) {
	p := packer{buf: buf, state: state, checked: packCheck}
	for _, v := range values {
		if err := p.value(v, 0); err != nil {
			return nil, err
		}
	}
	return p.buf, nil
}

const (
	// keptScratch is the longest message that is put together in memory that is used again.
	keptScratch = 4096
	// packCheck is the length from which on packing looks at the limits of the state.
	packCheck = 64 << 10
)

type packer struct {
	buf     []byte
	state   *vm.State
	checked int // the length at which to look at limits
}

func (p *packer) tag(kind, cookie int) { p.buf = append(p.buf, byte(kind|cookie<<3)) }

func (p *packer) value(v vm.Value, depth int) error {
	if depth > maxPackDepth {
		return errPackDepth
	}
	switch v.Kind() {
	case vm.KindNil:
		p.tag(packNil, 0)
	case vm.KindBoolean:
		p.boolean(v.Truthy())
	case vm.KindNumber:
		f, _ := v.AsNumber()
		p.number(f)
	case vm.KindString:
		text, _ := v.AsString()
		return p.string(text)
	case vm.KindLightUserdata:
		bits, _ := v.AsLightUserdata()
		p.userdata(bits)
	case vm.KindTable:
		t, _ := v.AsTable()
		return p.table(t, depth+1)
	default:
		//lint:ignore ST1005 these are skynet's words
		return fmt.Errorf("Unsupport type %s to serialize", v.Kind())
	}
	return nil
}

func (p *packer) boolean(b bool) {
	if b {
		p.tag(packBoolean, 1)
	} else {
		p.tag(packBoolean, 0)
	}
}

func (p *packer) userdata(bits uint64) {
	p.tag(packUserdata, 0)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, bits)
}

// maxInteger is the first integral number that is sent as a double.
const maxInteger = 1 << 53

func (p *packer) number(f float64) {
	if n := int64(f); float64(n) == f && -maxInteger < n && n < maxInteger && (n != 0 || !math.Signbit(f)) {
		p.integer(n)
		return
	}
	p.tag(packNumber, numberReal)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, math.Float64bits(f))
}

func (p *packer) integer(n int64) {
	switch {
	case n == 0:
		p.tag(packNumber, numberZero)
	case n != int64(int32(n)):
		p.tag(packNumber, numberLong)
		p.buf = binary.LittleEndian.AppendUint64(p.buf, uint64(n))
	case n < 0 || n >= 1<<16:
		p.tag(packNumber, numberInt)
		p.buf = binary.LittleEndian.AppendUint32(p.buf, uint32(n))
	case n >= 1<<8:
		p.tag(packNumber, numberWord)
		p.buf = binary.LittleEndian.AppendUint16(p.buf, uint16(n))
	default:
		p.tag(packNumber, numberByte)
		p.buf = append(p.buf, byte(n))
	}
}

func (p *packer) string(text string) error {
	n := len(text)
	switch {
	case n < maxCookie:
		p.tag(packShortString, n)
	case n < 1<<16:
		p.tag(packLongString, 2)
		p.buf = binary.LittleEndian.AppendUint16(p.buf, uint16(n))
	case n <= math.MaxUint32:
		p.tag(packLongString, 4)
		p.buf = binary.LittleEndian.AppendUint32(p.buf, uint32(n))
	default:
		return errPackString
	}
	p.buf = append(p.buf, text...)
	return p.check()
}

// check looks at the limits of the state each time that the message has doubled.
func (p *packer) check() error {
	n := len(p.buf)
	if n < p.checked || p.state == nil {
		return nil
	}
	p.checked = 2 * n
	if err := p.state.Reserve(n); err != nil {
		return err
	}
	return p.state.Spend(int64(n) / 64)
}

func (p *packer) array(n int) {
	if n >= maxCookie-1 {
		p.tag(packTable, maxCookie-1)
		p.integer(int64(n))
	} else {
		p.tag(packTable, n)
	}
}

func (p *packer) table(t *vm.Table, depth int) error {
	if t.Metatable() != nil {
		if h := p.state.Metamethod(t.Value(), "__pairs"); !h.IsNil() {
			return p.pairs(h, t, depth)
		}
	}
	n := t.Len()
	p.array(n)
	for i := 1; i <= n; i++ {
		if err := p.value(t.GetInt(i), depth); err != nil {
			return err
		}
	}
	if err := p.fields(t, n, depth); err != nil {
		return err
	}
	p.tag(packNil, 0)
	return p.check()
}

func (p *packer) fields(t *vm.Table, n, depth int) error {
	for k, v := range t.Fields {
		if f, ok := k.AsNumber(); ok && f > 0 && f <= float64(n) && f == math.Trunc(f) {
			continue // of a weak table's array part
		}
		if err := p.value(k, depth); err != nil {
			return err
		}
		if err := p.value(v, depth); err != nil {
			return err
		}
	}
	return nil
}

// pairs packs what a table's __pairs shows, all of it as fields.
func (p *packer) pairs(h vm.Value, t *vm.Table, depth int) error {
	p.tag(packTable, 0)
	th := p.state.Current()
	r, err := th.Call(h, t.Value())
	if err != nil {
		return err
	}
	var f, s, k vm.Value
	for i, to := range []*vm.Value{&f, &s, &k} {
		if i < len(r) {
			*to = r[i]
		}
	}
	for {
		r, err := th.Call(f, s, k)
		if err != nil {
			return err
		}
		if len(r) == 0 || r[0].IsNil() {
			p.tag(packNil, 0)
			return p.check()
		}
		var v vm.Value
		k = r[0]
		if len(r) > 1 {
			v = r[1]
		}
		if err := p.value(k, depth); err != nil {
			return err
		}
		if err := p.value(v, depth); err != nil {
			return err
		}
	}
}
