package number

import (
	"math"
	"strconv"
)

// Append appends the text of tostring(f). Integral values up to 2^53 in
// magnitude print all their digits; everything else prints as C's "%.14g" on
// Linux, where infinities are "inf" and "-inf", and nan keeps its sign.
func Append(dst []byte, f float64) []byte {
	if i, ok := integral(f); ok {
		return strconv.AppendInt(dst, i, 10)
	}
	if math.IsInf(f, 0) || f != f {
		return append(dst, special(f)...)
	}
	return strconv.AppendFloat(dst, f, 'g', 14, 64)
}

// Format returns the text of tostring(f); see Append.
func Format(f float64) string {
	if i, ok := integral(f); ok {
		return strconv.FormatInt(i, 10)
	}
	if math.IsInf(f, 0) || f != f {
		return special(f)
	}
	var buf [24]byte
	return string(Append(buf[:0], f))
}

// AppendQuoted appends f as string.format's %q writes numbers since Lua 5.3.3:
// text that reads back as the same value. Integral values up to 2^53 are plain
// digits; the others are hexadecimal floats, 1e9999, -1e9999 or (0/0).
//
// math.mininteger is a float here, so it is -0x1p+63; the 0x8000000000000000
// of Lua 5.3 would read back as 2^63.
func AppendQuoted(dst []byte, f float64) []byte {
	if i, ok := integral(f); ok {
		return strconv.AppendInt(dst, i, 10)
	}
	switch {
	case f != f:
		return append(dst, "(0/0)"...)
	case math.IsInf(f, 1):
		return append(dst, "1e9999"...)
	case math.IsInf(f, -1):
		return append(dst, "-1e9999"...)
	}
	return AppendVerb(dst, Flags{}, 'a', f)
}

// special names an infinity or nan.
func special(f float64) string {
	switch {
	case f != f && math.Signbit(f):
		return "-nan"
	case f != f:
		return "nan"
	case f < 0:
		return "-inf"
	}
	return "inf"
}
