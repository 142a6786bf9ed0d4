// Package mime implements LuaSocket's module mime.core: the low-level filters for base64, quoted-printable,
// line breaks and SMTP dots.
//
// A filter works on a stream, a chunk at a time, and holds no state: what it can't finish yet it returns, and the
// caller hands that back with the next chunk. Where a filter of LuaSocket returns nil, the function here returns "";
// the result is nil in two cases, an empty output at the end of the input and a call without input.
package mime

import (
	"encoding/base64"
	"strings"
)

const (
	crlf      = "\r\n"
	softBreak = "=\r\n" // a line break that quoted-printable takes out again

	// DefaultLength is the length of a line for [Wrp] and [QPWrp] when the script names none (RFC 2045, section 6.7).
	DefaultLength = 76
)

// B64 is mime.b64(c [, d]): base64 (RFC 4648, section 4) on one line.
//
// It encodes c followed by d. With d, out has the whole groups of three bytes and rest the zero to two bytes after them,
// to be passed as c of the next call. Without d the input ends: out is c encoded and padded, and rest is "".
func B64(c, d string, hasD bool) (out, rest string) {
	if !hasD {
		return base64.StdEncoding.EncodeToString([]byte(c)), ""
	}
	input := c + d
	whole := len(input) - len(input)%3
	return base64.StdEncoding.EncodeToString([]byte(input[:whole])), input[whole:]
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// ignored marks a byte that Unb64 skips.
const ignored = 0xff

// base64Value maps a byte to its six bits. "=" counts as zero bits wherever it stands, as in LuaSocket.
var base64Value = func() (value [256]byte) {
	for i := range value {
		value[i] = ignored
	}
	for i := range base64Alphabet {
		value[base64Alphabet[i]] = byte(i)
	}
	value['='] = 0
	return value
}()

// Unb64 is mime.unb64(c [, d]), the inverse of [B64].
//
// It decodes c followed by d and skips every byte outside the alphabet, line breaks included. With d, rest has the zero to
// three characters that don't make a group of four yet. Without d the input ends, and an incomplete group is dropped.
// A group with "=" as its third character stands for one byte, one with "=" as its fourth for two; decoding goes on after it.
func Unb64(c, d string, hasD bool) (out, rest string) {
	input := c
	if hasD {
		input = c + d
	}
	decoded := make([]byte, 0, len(input)/4*3)
	var group [4]byte
	n := 0
	for i := range len(input) {
		if base64Value[input[i]] == ignored {
			continue
		}
		group[n] = input[i]
		if n++; n < len(group) {
			continue
		}
		n = 0
		bits := uint32(base64Value[group[0]])<<18 | uint32(base64Value[group[1]])<<12 |
			uint32(base64Value[group[2]])<<6 | uint32(base64Value[group[3]])
		decoded = append(decoded, byte(bits>>16))
		if group[2] != '=' {
			decoded = append(decoded, byte(bits>>8))
			if group[3] != '=' {
				decoded = append(decoded, byte(bits))
			}
		}
	}
	if !hasD {
		return string(decoded), ""
	}
	return string(decoded), string(group[:n])
}

// qpPlain tells whether quoted-printable leaves a byte as it is, wherever it stands.
func qpPlain(b byte) bool {
	return b > ' ' && b <= '~' && b != '='
}

func appendQuoted(out []byte, b byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(out, '=', hex[b>>4], hex[b&15])
}

// QP is mime.qp(c [, d [, marker]]): quoted-printable (RFC 2045, section 6.7), except that it doesn't limit the length of lines,
// which is [QPWrp]'s task.
//
// It encodes c followed by d. Each CRLF becomes marker (LuaSocket's default is CRLF; "=0D=0A" makes binary data of it);
// a lone CR or LF is quoted; a space or a tab is quoted at the end of a line. With d, rest has what can't be judged before
// more input comes: a CR, or a space or a tab with at most one byte after it. Without d the input ends: what can't be judged
// is quoted and followed by a soft line break.
func QP(c, d string, hasD bool, marker string) (out, rest string) {
	input := c
	if hasD {
		input = c + d
	}
	encoded := make([]byte, 0, len(input)+len(input)/8)
	for input != "" {
		b := input[0]
		switch {
		case qpPlain(b):
			encoded = append(encoded, b)
		case b == '\r' && len(input) < 2, (b == ' ' || b == '\t') && len(input) < 3:
			if hasD {
				return string(encoded), input
			}
			return string(appendQPEnd(encoded, input)), ""
		case strings.HasPrefix(input, crlf):
			encoded = append(encoded, marker...)
			input = input[len(crlf):]
			continue
		case (b == ' ' || b == '\t') && input[1:3] != crlf:
			encoded = append(encoded, b)
		default:
			encoded = appendQuoted(encoded, b)
		}
		input = input[1:]
	}
	return string(encoded), ""
}

// appendQPEnd appends what QP couldn't judge when the input ended.
func appendQPEnd(out []byte, undecided string) []byte {
	for i := range len(undecided) {
		if b := undecided[i]; qpPlain(b) {
			out = append(out, b)
		} else {
			out = appendQuoted(out, b)
		}
	}
	return append(out, softBreak...)
}

// UnQP is mime.unqp(c [, d]), the inverse of [QP].
//
// It decodes c followed by d, lower-case digits too, and takes soft line breaks out. An escape that isn't one stays as it is.
// A lone CR goes, together with the byte after it; so does every other byte that quoted-printable doesn't have.
// With d, rest has an incomplete escape or a CR at the end; without d the input ends, and that is dropped.
//
// LuaSocket 3.1 returns nil for a text whose first byte decodes to NUL; UnQP returns the text.
func UnQP(c, d string, hasD bool) (out, rest string) {
	input := c
	if hasD {
		input = c + d
	}
	decoded := make([]byte, 0, len(input))
	for input != "" {
		size := 1
		switch b := input[0]; {
		case b == '=':
			size = 3
		case b == '\r':
			size = 2
		}
		if len(input) < size {
			break
		}
		decoded = appendUnquoted(decoded, input[:size])
		input = input[size:]
	}
	if !hasD {
		return string(decoded), ""
	}
	return string(decoded), input
}

// appendUnquoted appends what one unit of quoted-printable stands for: an escape, a CR with its successor, or a byte.
func appendUnquoted(out []byte, unit string) []byte {
	b := unit[0]
	switch {
	case unit == softBreak:
		return out
	case b == '=':
		high, low := hexDigit(unit[1]), hexDigit(unit[2])
		if high < 0 || low < 0 {
			return append(out, unit...)
		}
		return append(out, byte(high<<4|low))
	case unit == crlf:
		return append(out, unit...)
	case b == '\t', b >= ' ' && b <= '~':
		return append(out, b)
	}
	return out
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'A' <= b && b <= 'F':
		return int(b-'A') + 10
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	}
	return -1
}

// Wrp is mime.wrp(left, text [, length]): it breaks text into lines of at most length bytes.
//
// left is how many bytes fit into the line that is being written; the filter returns what is left after text, for the next call.
// Every LF ends a line, as CRLF; every CR is dropped.
func Wrp(left int, text string, length int) (out string, after int) {
	wrapped := make([]byte, 0, len(text)+len(text)/32)
	for i := range len(text) {
		switch b := text[i]; b {
		case '\r':
		case '\n':
			wrapped = append(wrapped, crlf...)
			left = length
		default:
			if left <= 0 {
				wrapped = append(wrapped, crlf...)
				left = length
			}
			wrapped = append(wrapped, b)
			left--
		}
	}
	return string(wrapped), left
}

// WrpEnd is mime.wrp(left, nil [, length]): the line break that ends an unfinished line, or "".
// The second result of the Lua function is length.
func WrpEnd(left, length int) (out string) {
	if left < length {
		return crlf
	}
	return ""
}

// QPWrp is mime.qpwrp(left, text [, length]): it breaks quoted-printable text into lines of at most length bytes,
// with soft line breaks that don't tear an escape apart. left and the second result are those of [Wrp].
func QPWrp(left int, text string, length int) (out string, after int) {
	wrapped := make([]byte, 0, len(text)+len(text)/16)
	for i := range len(text) {
		room := 1 // for the "=" of a soft line break
		switch b := text[i]; b {
		case '\r':
		case '\n':
			wrapped = append(wrapped, crlf...)
			left = length
		case '=':
			room = 3
			fallthrough
		default:
			if left <= room {
				wrapped = append(wrapped, softBreak...)
				left = length
			}
			wrapped = append(wrapped, b)
			left--
		}
	}
	return string(wrapped), left
}

// QPWrpEnd is mime.qpwrp(left, nil [, length]): the soft line break that ends an unfinished line, or "".
// The second result of the Lua function is length.
func QPWrpEnd(left, length int) (out string) {
	if left < length {
		return softBreak
	}
	return ""
}

// EOL is mime.eol(last, text [, marker]): every line break of text, be it CR, LF, CRLF or LFCR, becomes marker
// (LuaSocket's default is CRLF).
//
// last is the break character that ended the previous chunk if it may still be half of a pair, else 0; the filter
// returns it for the next call. At the end of the input the Lua function returns nil and 0.
func EOL(last int, text, marker string) (out string, next int) {
	converted := make([]byte, 0, len(text)+len(text)/16)
	for i := range len(text) {
		b := text[i]
		switch {
		case b != '\r' && b != '\n':
			converted = append(converted, b)
			last = 0
		case last != '\r' && last != '\n':
			converted = append(converted, marker...)
			last = int(b)
		default:
			if int(b) == last { // not a pair but two breaks
				converted = append(converted, marker...)
			}
			last = 0
		}
	}
	return string(converted), last
}

// DotStart is the state of [Dot] at the start of a line, with which a message begins.
const DotStart = 2

// Dot is mime.dot(state, text): it doubles a dot at the start of a line, as SMTP wants it (RFC 5321, section 4.5.2).
//
// state counts how much of a CRLF has just gone by, 0 to 2; the filter returns it for the next call. At the end of the input
// the Lua function returns nil and [DotStart].
func Dot(state int, text string) (out string, next int) {
	stuffed := make([]byte, 0, len(text)+len(text)/32)
	for i := range len(text) {
		b := text[i]
		stuffed = append(stuffed, b)
		switch {
		case b == '\r':
			state = 1
		case b == '\n' && state == 1:
			state = DotStart
		default:
			if b == '.' && state == DotStart {
				stuffed = append(stuffed, '.')
			}
			state = 0
		}
	}
	return string(stuffed), state
}
