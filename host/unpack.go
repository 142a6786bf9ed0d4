package host

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/luahost/luahost/vm"
)

// Unpack returns the values of a message that Pack made (skynet.unpack). The result is valid until the next call.
//
// The error is that of bytes that Pack can't have made.
func (s *Service) Unpack(data []byte) ([]vm.Value, error) {
	values, err := AppendUnpack(s.values[:0], s.state, data)
	if err == nil && cap(values) <= keptValues {
		s.values = values
	}
	return values, err
}

const keptValues = 256

// AppendUnpack is Service.Unpack for any state; it appends to values.
func AppendUnpack(values []vm.Value, state *vm.State, data []byte) ([]vm.Value, error) {
	s, ok := state.Host.(*Service)
	if !ok {
		return new(unpacker).unpack(values, state, data)
	}
	u := s.host.unpackers.Get().(*unpacker)
	defer s.host.unpackers.Put(u)
	return u.unpack(values, state, data)
}

// unpacker reads one message at a time.
type unpacker struct {
	data  []byte
	state *vm.State
	stack []vm.Value // the content of tables that are being read: so they are made in their final size
	seen  [64]string // short strings of this and earlier messages, by hash: the keys of records come again and again
}

const (
	maxSeen   = 24  // bytes of a string that is worth remembering
	keptStack = 256 // values
)

func newUnpacker() any { return new(unpacker) }

func (u *unpacker) unpack(values []vm.Value, state *vm.State, data []byte) ([]vm.Value, error) {
	u.data, u.state = data, state
	defer u.reset()
	for len(u.data) > 0 {
		v, err := u.value(0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// reset lets go of the message and its values.
func (u *unpacker) reset() {
	u.data, u.state = nil, nil
	if cap(u.stack) > keptStack {
		u.stack = nil
		return
	}
	u.pop(0)
}

// pop drops what is on the stack from base on.
func (u *unpacker) pop(base int) {
	clear(u.stack[base:])
	u.stack = u.stack[:base]
}

// text returns bytes as a string, which may be one that was seen before.
func (u *unpacker) text(b []byte) vm.Value {
	if len(b) == 0 || len(b) > maxSeen {
		return vm.Bytes(b)
	}
	h := uint(len(b))
	for _, c := range b {
		h = h*31 + uint(c)
	}
	s := &u.seen[h%uint(len(u.seen))]
	if *s != string(b) {
		*s = string(b)
	}
	return vm.String(*s)
}

// invalid makes the error of bytes that are no message.
func (u *unpacker) invalid() error {
	//lint:ignore ST1005 these are skynet's words
	return fmt.Errorf("Invalid serialize stream %d", len(u.data))
}

// tag takes the first byte of a value.
func (u *unpacker) tag() (kind, cookie int, err error) {
	if len(u.data) == 0 {
		return 0, 0, u.invalid()
	}
	b := u.data[0]
	u.data = u.data[1:]
	return int(b & 7), int(b >> 3), nil
}

// take takes n bytes.
func (u *unpacker) take(n int) ([]byte, error) {
	if n > len(u.data) {
		return nil, u.invalid()
	}
	b := u.data[:n]
	u.data = u.data[n:]
	return b, nil
}

func (u *unpacker) value(depth int) (vm.Value, error) {
	kind, cookie, err := u.tag()
	if err != nil {
		return vm.Value{}, err
	}
	switch kind {
	case packNil:
		return vm.Value{}, nil
	case packBoolean:
		return vm.Bool(cookie != 0), nil
	case packNumber:
		f, err := u.number(cookie)
		return vm.Number(f), err
	case packUserdata:
		b, err := u.take(8)
		if err != nil {
			return vm.Value{}, err
		}
		return vm.LightUserdata(binary.LittleEndian.Uint64(b)), nil
	case packShortString, packLongString:
		b, err := u.string(kind, cookie)
		if err != nil {
			return vm.Value{}, err
		}
		if err := u.state.Reserve(len(b)); err != nil {
			return vm.Value{}, err
		}
		return u.text(b), nil
	case packTable:
		return u.table(cookie, depth+1)
	}
	return vm.Value{}, u.invalid()
}

func (u *unpacker) string(kind, cookie int) ([]byte, error) {
	if kind == packShortString {
		return u.take(cookie)
	}
	if cookie != 2 && cookie != 4 {
		return nil, u.invalid()
	}
	b, err := u.take(cookie)
	if err != nil {
		return nil, err
	}
	if cookie == 2 {
		return u.take(int(binary.LittleEndian.Uint16(b)))
	}
	return u.take(int(binary.LittleEndian.Uint32(b)))
}

func (u *unpacker) number(cookie int) (float64, error) {
	if cookie == numberReal {
		b, err := u.take(8)
		if err != nil {
			return 0, err
		}
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	}
	n, err := u.integer(cookie)
	return float64(n), err
}

func (u *unpacker) integer(cookie int) (int64, error) {
	size := 0
	switch cookie {
	case numberZero:
		return 0, nil
	case numberByte:
		size = 1
	case numberWord:
		size = 2
	case numberInt:
		size = 4
	case numberLong:
		size = 8
	default:
		return 0, u.invalid()
	}
	b, err := u.take(size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return int64(b[0]), nil
	case 2:
		return int64(binary.LittleEndian.Uint16(b)), nil
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), nil
	}
	return int64(binary.LittleEndian.Uint64(b)), nil
}

// length takes the length of a table's array part.
func (u *unpacker) length(cookie int) (int, error) {
	if cookie < maxCookie-1 {
		return cookie, nil
	}
	kind, cookie, err := u.tag()
	if err != nil {
		return 0, err
	}
	if kind != packNumber || cookie == numberReal {
		return 0, u.invalid()
	}
	n, err := u.integer(cookie)
	if err == nil && (n < 0 || n > int64(len(u.data))) {
		err = u.invalid() // each element takes a byte at least
	}
	return int(n), err
}

func (u *unpacker) table(cookie, depth int) (vm.Value, error) {
	if depth > maxPackDepth+1 {
		return vm.Value{}, errPackDepth
	}
	n, err := u.length(cookie)
	if err != nil {
		return vm.Value{}, err
	}
	base := len(u.stack)
	for range n {
		v, err := u.value(depth)
		if err != nil {
			return vm.Value{}, err
		}
		u.stack = append(u.stack, v)
	}
	for {
		k, err := u.value(depth)
		if err != nil {
			return vm.Value{}, err
		}
		if k.IsNil() {
			break
		}
		v, err := u.value(depth)
		if err != nil {
			return vm.Value{}, err
		}
		u.stack = append(u.stack, k, v)
	}
	list, fields := u.stack[base:base+n], u.stack[base+n:]
	t := u.state.NewTable(n, len(fields)/2)
	t.SetList(list) // keeps holes
	for i := 0; i < len(fields); i += 2 {
		if t.Set(fields[i], fields[i+1]) != nil {
			return vm.Value{}, errInvalidKey
		}
	}
	u.pop(base)
	return t.Value(), nil
}
