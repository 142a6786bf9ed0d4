package lib

import (
	"github.com/luahost/luahost/vm"
)

// utf8Library makes the library utf8 of Lua 5.3 (its manual, section 6.5).
func utf8Library() *vm.Library {
	return vm.NewLibrary("utf8", []*vm.GoFunction{
		vm.NewFunction("utf8.char", utf8Char),
		vm.NewFunction("utf8.codepoint", utf8Codepoint),
		vm.NewFunction("utf8.codes", utf8Codes),
		vm.NewFunction("utf8.len", utf8Len),
		vm.NewFunction("utf8.offset", utf8Offset),
	}, map[string]vm.Value{
		"charpattern": vm.String("[\x00-\x7F\xC2-\xF4][\x80-\xBF]*"),
	})
}

const maxCode = 0x10FFFF

// isContinuation tells whether the byte at s[i:] is not the first one of a character; the end is none.
func isContinuation(s string, i int) bool { return i < len(s) && s[i]&0xC0 == 0x80 }

// decode returns the code point at the start of s and the number of its bytes, which is 0 when it is invalid:
// cut short, longer than it need be, or above 10FFFF. Unlike Go's, it takes surrogates, as Lua 5.3 does.
func decode(s string) (code, size int) {
	lead := s[0]
	least := 0
	switch {
	case lead < 0x80:
		return int(lead), 1
	case lead < 0xC0:
		return 0, 0
	case lead < 0xE0:
		code, size, least = int(lead&0x1F), 2, 0x80
	case lead < 0xF0:
		code, size, least = int(lead&0x0F), 3, 0x800
	case lead < 0xF8:
		code, size, least = int(lead&0x07), 4, 0x10000
	default:
		return 0, 0
	}
	if len(s) < size {
		return 0, 0
	}
	for i := 1; i < size; i++ {
		if !isContinuation(s, i) {
			return 0, 0
		}
		code = code<<6 | int(s[i]&0x3F)
	}
	if code < least || code > maxCode {
		return 0, 0
	}
	return code, size
}

func appendCode(dst []byte, code int) []byte {
	switch {
	case code < 0x80:
		return append(dst, byte(code))
	case code < 0x800:
		return append(dst, 0xC0|byte(code>>6), 0x80|byte(code&0x3F))
	case code < 0x10000:
		return append(dst, 0xE0|byte(code>>12), 0x80|byte(code>>6&0x3F), 0x80|byte(code&0x3F))
	}
	return append(dst, 0xF0|byte(code>>18), 0x80|byte(code>>12&0x3F), 0x80|byte(code>>6&0x3F), 0x80|byte(code&0x3F))
}

func utf8Char(c *vm.Call) error {
	var small [64]byte
	b := small[:0]
	for i := 1; i <= c.NArgs(); i++ {
		code := checkInteger(c, i)
		if uint(code) > maxCode {
			return c.ArgError(i, "value out of range")
		}
		b = appendCode(b, code)
	}
	return c.Return(c.State().NewString(string(b)))
}

// fromEnd turns a negative position into one from 1; it is 0 when it lies before the start.
func fromEnd(i, length int) int {
	switch {
	case i >= 0:
		return i
	case i < -length:
		return 0
	}
	return length + i + 1
}

func utf8Len(c *vm.Call) error {
	s := c.CheckString(1)
	i := fromEnd(optInteger(c, 2, 1), len(s)) - 1
	j := fromEnd(optInteger(c, 3, -1), len(s)) - 1
	if i < 0 || i > len(s) {
		return c.ArgError(2, "initial position out of string")
	}
	if j >= len(s) {
		return c.ArgError(3, "final position out of string")
	}
	if err := work(c.State(), j-i); err != nil {
		return err
	}
	n := 0
	for i <= j {
		_, size := decode(s[i:])
		if size == 0 {
			c.Push(vm.Nil(), vm.Int(i+1))
			return nil
		}
		i += size
		n++
	}
	return c.Return(vm.Int(n))
}

func utf8Codepoint(c *vm.Call) error {
	s := c.CheckString(1)
	i := fromEnd(optInteger(c, 2, 1), len(s))
	j := fromEnd(optInteger(c, 3, i), len(s))
	if i < 1 {
		return c.ArgError(2, "out of range")
	}
	if j > len(s) {
		return c.ArgError(3, "out of range")
	}
	for i--; i < j; {
		code, size := decode(s[i:])
		if size == 0 {
			return c.Errorf("invalid UTF-8 code")
		}
		if err := c.Return(vm.Int(code)); err != nil {
			return c.Errorf("stack overflow (string slice too long)")
		}
		i += size
	}
	return nil
}

func utf8Offset(c *vm.Call) error {
	s, n := c.CheckString(1), checkInteger(c, 2)
	first := 1
	if n < 0 {
		first = len(s) + 1
	}
	i := fromEnd(optInteger(c, 3, first), len(s)) - 1
	if i < 0 || i > len(s) {
		return c.ArgError(3, "position out of range")
	}
	if n != 0 && isContinuation(s, i) {
		return c.Errorf("initial position is a continuation byte")
	}
	start, ok := characterAt(s, n, i)
	if err := work(c.State(), max(start-i, i-start)); err != nil {
		return err
	}
	if !ok {
		return c.Return(vm.Nil())
	}
	return c.Return(vm.Int(start + 1))
}

// characterAt returns where the n-th character from s[i] on begins; 0 means the one that s[i] is part of.
func characterAt(s string, n, i int) (start int, ok bool) {
	switch {
	case n == 0:
		for i > 0 && isContinuation(s, i) {
			i--
		}
	case n < 0:
		for ; n < 0 && i > 0; n++ {
			for i--; i > 0 && isContinuation(s, i); {
				i--
			}
		}
	default:
		for n--; n > 0 && i < len(s); n-- {
			for i++; isContinuation(s, i); {
				i++
			}
		}
	}
	return i, n == 0
}

func utf8Codes(c *vm.Call) error {
	s := c.CheckString(1)
	c.Push(codesStep.Value(), vm.String(s), vm.Int(0))
	return nil
}

var codesStep = vm.NewFunction("utf8.codes", func(c *vm.Call) error {
	s, i := c.CheckString(1), checkInt(c, 2)
	if i > 0 { // past the character before
		for isContinuation(s, i) {
			i++
		}
	}
	if i = max(i, 0); i >= len(s) {
		return nil
	}
	code, size := decode(s[i:])
	if size == 0 || isContinuation(s, i+size) {
		return c.Errorf("invalid UTF-8 code")
	}
	c.Push(vm.Int(i+1), vm.Int(code))
	return nil
})
