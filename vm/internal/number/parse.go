package number

import (
	"math"
	"math/bits"
	"strconv"
)

// pow10 holds the powers of ten that a float64 represents exactly.
var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// Parse converts s as Lua 5.2 coerces a string to a number: white space around
// it, a sign, decimal or hexadecimal digits with a fraction and an exponent.
// Values too large become infinite. ok is false when s is anything else, "inf"
// and "nan" included.
func Parse(s string) (f float64, ok bool) {
	s, neg := trimSign(trimSpace(s))
	if len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' {
		f, ok = parseHex(s[2:])
	} else {
		f, ok = parseDecimal(s)
	}
	if neg {
		f = -f
	}
	return f, ok
}

// ParseBase converts s as tonumber(s, base) does, with base from 2 to 36: white
// space around it, a sign, and digits below base in either case. Like C Lua it
// rounds after each digit once the value is above 2^53.
func ParseBase(s string, base int) (f float64, ok bool) {
	s, neg := trimSign(trimSpace(s))
	if s == "" {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		d := digit(s[i])
		if d >= base {
			return 0, false
		}
		// The conversion keeps the compiler from fusing the two roundings.
		f = float64(f*float64(base)) + float64(d)
	}
	if neg {
		f = -f
	}
	return f, true
}

func parseDecimal(s string) (float64, bool) {
	var mant uint64
	digits, point := 0, -1 // digits of the mantissa; how many came before the point
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c-'0' <= 9 {
			digits++
			mant = mant*10 + uint64(c-'0') // read only while digits <= 15
		} else if c == '.' && point < 0 {
			point = digits
		} else {
			break
		}
	}
	if digits == 0 {
		return 0, false
	}
	if point < 0 {
		point = digits
	}
	exp := int64(0)
	if i < len(s) {
		var ok bool
		if exp, ok = exponent(s[i:], 'e'); !ok {
			return 0, false
		}
	}
	if digits <= 15 {
		// Both operands are exact, so the one rounding is the right one.
		switch exp10 := exp - int64(digits-point); {
		case exp10 == 0:
			return float64(mant), true
		case exp10 > 0 && exp10 < int64(len(pow10)):
			return float64(mant) * pow10[exp10], true
		case exp10 < 0 && -exp10 < int64(len(pow10)):
			return float64(mant) / pow10[-exp10], true
		}
	}
	if digits > maxDigits {
		return parseLong(s[:i], exp), true
	}
	// s is well-formed: the only error is a range error, and then f is infinite.
	f, _ := strconv.ParseFloat(s, 64)
	return f, true
}

// maxDigits is a number of significant decimal digits that decides how a float64
// is rounded, given that one knows whether a digit other than 0 follows: 768 would
// do. strconv reads up to 800 digits right.
const maxDigits = 790

// parseLong computes text * 10^exp, where text is digits and perhaps a point,
// too many for strconv: it misplaces the point of integers of more than 800
// digits, and its limit on exponents could matter.
func parseLong(text string, exp int64) float64 {
	buf := make([]byte, 0, maxDigits+16)
	var skipped, fraction int64 // integer digits left out; fraction digits kept
	sticky, inFraction := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '.':
			inFraction = true
			continue
		case len(buf) == maxDigits:
			sticky = sticky || c != '0'
			if !inFraction {
				skipped++
			}
			continue
		case len(buf) > 0 || c != '0':
			buf = append(buf, c)
		}
		if inFraction {
			fraction++
		}
	}
	if len(buf) == 0 {
		return 0
	}
	exp += skipped - fraction
	switch magnitude := exp + int64(len(buf)); { // the value is below 10^magnitude
	case magnitude > 310:
		return math.Inf(1)
	case magnitude < -330:
		return 0
	}
	if sticky {
		buf = append(buf, '1')
		exp--
	}
	buf = append(buf, 'e')
	buf = strconv.AppendInt(buf, exp, 10)
	f, _ := strconv.ParseFloat(string(buf), 64)
	return f
}

// parseHex reads what follows "0x". All digits count for the rounding, however
// many there are.
func parseHex(s string) (float64, bool) {
	var mant uint64
	var exp int64 // of two, for mant
	digits, inFraction := 0, false
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !inFraction {
			inFraction = true
			continue
		}
		d := digit(c)
		if d > 15 {
			break
		}
		digits++
		if mant>>60 == 0 {
			mant = mant<<4 | uint64(d)
			if inFraction {
				exp -= 4
			}
			continue
		}
		if d != 0 {
			mant |= 1 // below the precision: only "not zero" matters
		}
		if !inFraction {
			exp += 4
		}
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(s) {
		e, ok := exponent(s[i:], 'p')
		if !ok {
			return 0, false
		}
		exp += e
	}
	return scale(mant, exp), true
}

// scale returns mant * 2^exp, rounded once, to nearest even.
func scale(mant uint64, exp int64) float64 {
	if mant == 0 {
		return 0
	}
	lead := bits.LeadingZeros64(mant)
	mant <<= lead
	exp -= int64(lead)
	if exp > 1024 {
		return math.Inf(1)
	}
	// 53 bits stay, or fewer where the result is subnormal: its last bit is 2^-1074.
	drop := max(11, -1074-exp)
	if drop > 64 {
		return 0
	}
	kept, rest, half := mant>>drop, mant&(1<<drop-1), uint64(1)<<(drop-1)
	if rest > half || rest == half && kept&1 == 1 {
		kept++
	}
	return math.Ldexp(float64(kept), int(exp+drop))
}

// exponent reads an exponent that takes up all of s: the letter in either case,
// a sign, digits. It saturates far above what any text can balance.
func exponent(s string, letter byte) (e int64, ok bool) {
	if s[0]|0x20 != letter {
		return 0, false
	}
	s, neg := trimSign(s[1:])
	if s == "" {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		if e < 1<<56 {
			e = e*10 + int64(d)
		}
	}
	if neg {
		e = -e
	}
	return e, true
}

func trimSpace(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func trimSign(s string) (rest string, neg bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

func isSpace(c byte) bool {
	return c == ' ' || c-'\t' <= '\r'-'\t'
}

// digit returns the value of c in bases up to 36, or 36 when it is no digit.
func digit(c byte) int {
	switch {
	case c-'0' <= 9:
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 36
}
