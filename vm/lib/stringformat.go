package lib

import (
	"strconv"
	"strings"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/number"
)

// stringFormat implements string.format (manual section 6.4). As in Lua 5.3, a plain %s keeps zero bytes, and %q writes
// nil, booleans and numbers as constants.
func stringFormat(c *vm.Call) error {
	var small [256]byte
	out := small[:0]
	f := formatter{c: c, format: c.CheckString(1), arg: 1}
	for {
		i := strings.IndexByte(f.format, '%')
		if i < 0 {
			break
		}
		out = append(out, f.format[:i]...)
		f.format = f.format[i+1:]
		var err error
		if out, err = f.directive(out); err != nil {
			return err
		}
	}
	out = append(out, f.format...)
	return c.Return(c.State().NewString(string(out)))
}

// formatter is string.format at work. Its methods append to what they are given, which can so stay off the heap.
type formatter struct {
	c      *vm.Call
	format string // what is left of it
	arg    int    // the last one used
}

// directive does what stands behind a '%'.
func (f *formatter) directive(out []byte) ([]byte, error) {
	if strings.HasPrefix(f.format, "%") {
		f.format = f.format[1:]
		return append(out, '%'), nil
	}
	if f.arg++; f.arg > f.c.NArgs() {
		return nil, f.c.ArgError(f.arg, "no value")
	}
	var flags number.Flags
	n := 0
	if f.format != "" && (f.format[0] < 'A' || f.format[0] > 'z') {
		var err error
		if flags, n, err = number.ParseFlags(f.format); err != nil {
			return nil, err
		}
	}
	if n == len(f.format) {
		return nil, f.c.Errorf("invalid option '%%\x00' to 'format'")
	}
	verb := f.format[n]
	f.format = f.format[n+1:]
	return f.convert(out, verb, flags, n == 0)
}

// convert appends the current argument under a verb; bare tells that the verb has no flags.
func (f *formatter) convert(out []byte, verb byte, flags number.Flags, bare bool) ([]byte, error) {
	switch verb {
	case 'd', 'i':
		i, ok := number.ToInt64(f.c.CheckNumber(f.arg))
		if !ok {
			return nil, f.c.ArgError(f.arg, "not a number in proper range")
		}
		if bare {
			return strconv.AppendInt(out, i, 10), nil
		}
		return number.AppendInt(out, flags, i), nil
	case 'u', 'o', 'x', 'X':
		u, ok := number.ToUint64(f.c.CheckNumber(f.arg))
		if !ok {
			return nil, f.c.ArgError(f.arg, "not a non-negative number in proper range")
		}
		return number.AppendUint(out, flags, verb, u), nil
	case 'e', 'E', 'f', 'g', 'G', 'a', 'A':
		return number.AppendVerb(out, flags, verb, f.c.CheckNumber(f.arg)), nil
	case 'c':
		return number.AppendChar(out, flags, byte(checkInt(f.c, f.arg))), nil
	case 's':
		return f.text(out, flags, bare)
	case 'q':
		return f.quoted(out)
	}
	return nil, f.c.Errorf("invalid option '%%%s' to 'format'", string([]byte{verb}))
}

func (f *formatter) text(out []byte, flags number.Flags, bare bool) ([]byte, error) {
	v := f.c.Arg(f.arg)
	if x, ok := v.AsNumber(); ok && bare {
		return number.Append(out, x), nil
	}
	s, err := toText(f.c, v)
	if err != nil {
		return nil, err
	}
	if err := f.room(out, len(s)); err != nil {
		return nil, err
	}
	if bare || !flags.HasPrec && len(s) >= wholeText {
		return append(out, s...), nil
	}
	s, _, _ = strings.Cut(s, "\x00") // C Lua 5.2 hands it to sprintf
	return number.AppendString(out, flags, s), nil
}

// wholeText is the length from which on %5s takes a string as it is.
const wholeText = 100

// room counts what the result takes with n more bytes, unless that is little.
func (f *formatter) room(out []byte, n int) error {
	if len(out)+n <= cap(out) {
		return nil
	}
	return reserve(f.c.State(), len(out)+n)
}

// toText returns what tostring makes of v, calling __tostring.
func toText(c *vm.Call, v vm.Value) (string, error) {
	if s, ok := v.AsString(); ok {
		return s, nil
	}
	h := c.State().Metamethod(v, "__tostring")
	if h.IsNil() {
		return vm.Text(v), nil
	}
	results, err := c.Call(h, v)
	if err != nil {
		return "", err
	}
	if len(results) > 0 {
		if s, ok := vm.ToString(results[0]); ok {
			return s, nil
		}
	}
	return "", c.Errorf("'tostring' must return a string")
}

func (f *formatter) quoted(out []byte) ([]byte, error) {
	v := f.c.Arg(f.arg)
	switch v.Kind() {
	case vm.KindNil, vm.KindBoolean:
		return append(out, vm.Text(v)...), nil
	case vm.KindNumber:
		x, _ := v.AsNumber()
		return number.AppendQuoted(out, x), nil
	}
	s := f.c.CheckString(f.arg)
	if err := f.room(out, 2*len(s)); err != nil {
		return nil, err
	}
	return appendQuoted(out, s), nil
}

// appendQuoted appends s as a literal that Lua reads back.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\', c == '\n':
			dst = append(dst, '\\', c)
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\')
			if i+1 < len(s) && s[i+1]-'0' <= 9 {
				dst = append(dst, '0'+c/100, '0'+c/10%10, '0'+c%10)
			} else {
				dst = strconv.AppendUint(dst, uint64(c), 10)
			}
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
