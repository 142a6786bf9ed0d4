package websocket

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// newCore makes websocket.core.
func newCore() *module.Module {
	return module.New("websocket.core", "What the modules websocket.frame, .tools and .utf8 leave to Go. Each function takes the Lua function that it stands in for, and returns one that does the same for strings: the same results, the same errors. For anything else that calls the Lua function, which knows the error to raise.").
		Func("encode(f: function) -> f: function", standIn("encode", encodeFrame), "Stands in for frame.encode.").
		Func("decode(f: function) -> f: function", standIn("decode", decodeFrame),
			"Stands in for frame.decode. A frame that is not complete costs no more than its header.").
		Func("sha1(f: function) -> f: function", standIn("sha1", sha1Sum), "Stands in for tools.sha1.").
		Func("valid(f: function) -> f: function", standIn("valid", validUTF8), "Stands in for utf8.valid.").
		Func("random(f: function) -> f: function", standIn("random", randomBytes), "Stands in for random bytes.")
}

// standIn makes the function of core called name. native reports false when it leaves the call to the Lua function.
func standIn(name string, native func(c *vm.Call) (bool, error)) vm.Func {
	return func(c *vm.Call) error {
		plain := c.CheckFunction(1)
		return c.Return(vm.Function(name, func(c *vm.Call) error {
			if done, err := native(c); done || err != nil {
				return err
			}
			return c.TailCall(plain, c.Args()...)
		}))
	}
}

// encodeFrame is encode(data, opcode, masked, fin).
func encodeFrame(c *vm.Call) (bool, error) {
	data, ok := c.Arg(1).AsString()
	first := 1.0
	if v := c.Arg(2); v.Truthy() {
		if first, ok = number(v, ok); !ok {
			return false, nil
		}
	}
	if fin, isBool := c.Arg(4).AsBool(); !isBool || fin {
		first += 128
	}
	if !ok || first < 0 || first > 255 || first != math.Trunc(first) {
		return false, nil
	}
	masked := c.Arg(3).Truthy()
	if err := c.State().Reserve(len(data) + 14); err != nil {
		return false, err
	}
	maskBit := byte(0)
	if masked {
		maskBit = 0x80
	}
	var head [14]byte
	h := append(head[:0], byte(first))
	switch n := len(data); {
	case n < 126:
		h = append(h, maskBit|byte(n))
	case n <= 0xffff:
		h = binary.BigEndian.AppendUint16(append(h, maskBit|126), uint16(n))
	default:
		h = binary.BigEndian.AppendUint64(append(h, maskBit|127), uint64(n))
	}
	if !masked {
		return true, c.Return(c.State().Prepend(h, data))
	}
	var key [4]byte
	_, _ = rand.Read(key[:])
	h = append(h, key[:]...)
	b := vm.NewBytes(len(h) + len(data))
	ws.Mask(b[copy(b, h):], vm.StringBytes(data), key)
	return true, c.Return(vm.TakeBytes(b))
}

// number returns a number, if the conditions before it hold.
func number(v vm.Value, before bool) (float64, bool) {
	f, ok := v.AsNumber()
	return f, ok && before
}

// decodeFrame is decode(bytes).
func decodeFrame(c *vm.Call) (bool, error) {
	bytes, ok := c.Arg(1).AsString()
	if !ok {
		return false, nil
	}
	missing := func(n float64) (bool, error) {
		c.Push(vm.Nil(), vm.Number(n))
		return true, nil
	}
	have := len(bytes)
	if have < 2 {
		return missing(float64(2 - have))
	}
	first, second := bytes[0], bytes[1]
	masked := second >= 0x80
	head, size := 2, float64(second&0x7f)
	switch second & 0x7f {
	case 126:
		if head = 4; have < head {
			return missing(float64(head - have))
		}
		size = float64(int(bytes[2])<<8 | int(bytes[3]))
	case 127:
		if head = 10; have < head {
			return missing(float64(head - have))
		}
		b := vm.StringBytes(bytes)
		size = float64(binary.BigEndian.Uint32(b[2:]))*(1<<32) + float64(binary.BigEndian.Uint32(b[6:]))
		if size < 0xffff || size > 1<<53 {
			text, _ := vm.ToString(vm.Number(size))
			return false, vm.NewError(vm.String("INVALID PAYLOAD " + text))
		}
	}
	start := head
	if masked {
		start += 4
	}
	if float64(have-start) < size {
		return missing(size - float64(have-start))
	}
	end := start + int(size)
	if err := c.State().Reserve(have); err != nil {
		return false, err
	}
	payload := vm.String(part(bytes, start, end))
	if masked {
		b := c.State().BytesWithFront(end - start)
		ws.Mask(b, vm.StringBytes(bytes[start:end]), [4]byte([]byte(bytes[head:start])))
		payload = vm.TakeBytes(b)
	}
	c.Push(payload, vm.Bool(first >= 0x80), vm.Int(int(first&0x0f)), vm.String(part(bytes, end, have)), vm.Bool(masked))
	return true, nil
}

// part returns bytes from i to j. It shares them, unless that would keep much more alive.
func part(bytes string, i, j int) string {
	if j-i < len(bytes)/4 {
		return string([]byte(bytes[i:j]))
	}
	return bytes[i:j]
}

func sha1Sum(c *vm.Call) (bool, error) {
	s, ok := c.Arg(1).AsString()
	if !ok {
		return false, nil
	}
	sum := sha1.Sum(vm.StringBytes(s))
	return true, c.Return(c.State().NewString(string(sum[:])))
}

func validUTF8(c *vm.Call) (bool, error) {
	s, ok := c.Arg(1).AsString()
	if !ok {
		return false, nil
	}
	return true, c.Return(vm.Bool(utf8.ValidString(s)))
}

func randomBytes(c *vm.Call) (bool, error) {
	n, ok := c.Arg(1).AsNumber()
	if !ok || n < 0 || n > 1024 || n != math.Trunc(n) {
		return false, nil
	}
	b := make([]byte, int(n))
	_, _ = rand.Read(b)
	return true, c.Return(c.State().NewString(string(b)))
}
