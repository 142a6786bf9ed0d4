package number

import (
	"bytes"
	"math"
	"math/bits"
	"strconv"
)

// AppendVerb appends f as glibc's printf writes it under verb e, E, f, F, g, G,
// a or A. The verb must be one of these.
func AppendVerb(dst []byte, flags Flags, verb byte, f float64) []byte {
	start := len(dst)
	dst = flags.appendSign(dst, math.Signbit(f))
	f = math.Abs(f)
	upper := verb < 'a'
	if math.IsInf(f, 0) || f != f {
		dst = append(dst, special(f)...)
		flags.Zero = false
	} else {
		switch verb | 0x20 {
		case 'a':
			dst = append(dst, "0x"...)
			dst = flags.appendHex(dst, f)
		case 'g':
			dst = flags.appendGeneral(dst, f)
		default:
			dst = flags.appendFixed(dst, verb|0x20, flags.precision(6), f)
		}
	}
	if upper {
		toUpper(dst[start:])
	}
	return flags.pad(dst, start)
}

// AppendInt appends i as printf writes it under %d or %i.
func AppendInt(dst []byte, flags Flags, i int64) []byte {
	start := len(dst)
	dst = flags.appendSign(dst, i < 0)
	magnitude := uint64(i)
	if i < 0 {
		magnitude = -magnitude
	}
	dst = flags.appendDigits(dst, magnitude, 10)
	return flags.padInt(dst, start)
}

// AppendUint appends u as printf writes it under verb u, o, x or X. The verb
// must be one of these.
func AppendUint(dst []byte, flags Flags, verb byte, u uint64) []byte {
	start := len(dst)
	switch verb {
	case 'u':
		dst = flags.appendDigits(dst, u, 10)
	case 'o':
		dst = flags.appendDigits(dst, u, 8)
		if flags.Sharp && (len(dst) == start || dst[start] != '0') {
			dst = append(dst, 0)
			copy(dst[start+1:], dst[start:])
			dst[start] = '0'
		}
	default:
		if flags.Sharp && u != 0 {
			dst = append(dst, "0x"...)
		}
		dst = flags.appendDigits(dst, u, 16)
		if verb == 'X' {
			toUpper(dst[start:])
		}
	}
	return flags.padInt(dst, start)
}

// AppendChar appends the byte c as printf writes it under %c.
func AppendChar(dst []byte, flags Flags, c byte) []byte {
	start := len(dst)
	flags.Zero = false
	return flags.pad(append(dst, c), start)
}

// AppendString appends s as printf writes it under %s: cut to the precision,
// padded to the width. It does not stop at a zero byte.
func AppendString(dst []byte, flags Flags, s string) []byte {
	start := len(dst)
	flags.Zero = false
	s = s[:min(len(s), flags.precision(len(s)))]
	return flags.pad(append(dst, s...), start)
}

func (f *Flags) precision(without int) int {
	if f.HasPrec {
		return f.Prec
	}
	return without
}

func (f *Flags) appendSign(dst []byte, neg bool) []byte {
	switch {
	case neg:
		return append(dst, '-')
	case f.Plus:
		return append(dst, '+')
	case f.Space:
		return append(dst, ' ')
	}
	return dst
}

// appendDigits appends u with as many leading zeros as the precision asks for.
// The value 0 with precision 0 has no digits at all.
func (f *Flags) appendDigits(dst []byte, u uint64, base int) []byte {
	if !f.HasPrec {
		return strconv.AppendUint(dst, u, base)
	}
	if u == 0 && f.Prec == 0 {
		return dst
	}
	var buf [64]byte
	digits := strconv.AppendUint(buf[:0], u, base)
	for n := len(digits); n < f.Prec; n++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// appendFixed appends f, not negative, under verb 'e' or 'f'.
func (f *Flags) appendFixed(dst []byte, verb byte, prec int, x float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, x, verb, prec, 64)
	if !f.Sharp || prec > 0 {
		return dst
	}
	at := len(dst) // where the point belongs
	if verb == 'e' {
		at = start + bytes.IndexByte(dst[start:], 'e')
	}
	dst = append(dst, 0)
	copy(dst[at+1:], dst[at:])
	dst[at] = '.'
	return dst
}

// appendGeneral appends x, not negative, under verb 'g'.
func (f *Flags) appendGeneral(dst []byte, x float64) []byte {
	prec := max(f.precision(6), 1)
	if !f.Sharp {
		return strconv.AppendFloat(dst, x, 'g', prec, 64)
	}
	// The alternate form keeps trailing zeros. C chooses by the exponent that
	// the 'e' form would have (C11 7.21.6.1).
	start := len(dst)
	dst = f.appendFixed(dst, 'e', prec-1, x)
	at := start + bytes.IndexByte(dst[start:], 'e')
	exp, _ := strconv.Atoi(string(dst[at+1:]))
	if exp < -4 || exp >= prec {
		return dst
	}
	return f.appendFixed(dst[:start], 'f', prec-1-exp, x)
}

const (
	mantBits = 52
	expBias  = 1023
)

// appendHex appends what follows "0x" of x, not negative, under verb 'a'. Like
// glibc it leaves subnormals with a leading 0.
func (f *Flags) appendHex(dst []byte, x float64) []byte {
	b := math.Float64bits(x)
	lead := uint64(1)
	mant := b & (1<<mantBits - 1)
	exp := int(b>>mantBits) - expBias
	if exp == -expBias {
		lead, exp = 0, 1-expBias
		if mant == 0 {
			exp = 0
		}
	}
	digits := (mantBits - bits.TrailingZeros64(mant|1<<mantBits) + 3) / 4
	if f.HasPrec {
		if f.Prec < digits {
			lead, mant = roundHex(lead, mant, f.Prec)
		}
		digits = f.Prec
	}
	dst = append(dst, byte('0'+lead))
	if digits > 0 || f.Sharp {
		dst = append(dst, '.')
	}
	for ; digits > 0; digits-- {
		dst = append(dst, "0123456789abcdef"[mant>>(mantBits-4)])
		mant = mant << 4 & (1<<mantBits - 1)
	}
	dst = append(dst, 'p')
	if exp >= 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}

// roundHex rounds to digits hexadecimal digits after the point, ties to even. A
// carry goes into the digit before the point; the exponent stays.
func roundHex(lead, mant uint64, digits int) (uint64, uint64) {
	all := lead<<mantBits | mant
	drop := mantBits - 4*digits
	rest, half := all&(1<<drop-1), uint64(1)<<(drop-1)
	all >>= drop
	if rest > half || rest == half && all&1 == 1 {
		all++
	}
	all <<= drop
	return all >> mantBits, all & (1<<mantBits - 1)
}

// padInt is pad for integers, where a precision turns the flag 0 off.
func (f *Flags) padInt(dst []byte, start int) []byte {
	if f.HasPrec {
		f.Zero = false
	}
	return f.pad(dst, start)
}

// pad widens dst[start:] to the width.
func (f *Flags) pad(dst []byte, start int) []byte {
	missing := f.Width - (len(dst) - start)
	if missing <= 0 {
		return dst
	}
	fill, at := byte(' '), start
	switch {
	case f.Minus:
		at = len(dst)
	case f.Zero:
		fill, at = '0', start+prefix(dst[start:])
	}
	for range missing {
		dst = append(dst, fill)
	}
	copy(dst[at+missing:], dst[at:])
	for i := range missing {
		dst[at+i] = fill
	}
	return dst
}

// prefix is the length of the sign and the "0x" that zeros are padded after.
func prefix(text []byte) int {
	n := 0
	if n < len(text) && (text[n] == '-' || text[n] == '+' || text[n] == ' ') {
		n++
	}
	if n+1 < len(text) && text[n] == '0' && text[n+1]|0x20 == 'x' {
		n += 2
	}
	return n
}

func toUpper(text []byte) {
	for i, c := range text {
		if c-'a' <= 'z'-'a' {
			text[i] = c - 0x20
		}
	}
}
