package number

import "errors"

// Errors of ParseFlags, worded as string.format of Lua 5.2 words them.
var (
	ErrFlags = errors.New("invalid format (repeated flags)")
	ErrWidth = errors.New("invalid format (width or precision too long)")
)

// Flags are what stands between '%' and the verb of a format specification. The
// zero value is a bare verb.
type Flags struct {
	Minus bool // '-': pad on the right
	Plus  bool // '+': sign of positive numbers too
	Space bool // ' ': a blank where a plus sign would be
	Sharp bool // '#': alternate form
	Zero  bool // '0': pad with zeros after the sign

	Width   int  // least number of bytes; 0 to 99 from ParseFlags
	Prec    int  // precision if HasPrec; 0 to 99 from ParseFlags
	HasPrec bool // a '.' was given; without digits Prec is 0
}

// maxFlags is how many flag characters string.format takes, repeated or not.
const maxFlags = 5

// ParseFlags reads the flags, width and precision at the start of spec, which
// begins after the '%'. The verb is spec[n]; there is none if n is len(spec).
// Like string.format of Lua 5.2 it takes at most five flags and two digits each
// of width and precision, and does not ask whether they suit the verb.
func ParseFlags(spec string) (f Flags, n int, err error) {
	for n < len(spec) && f.set(spec[n]) {
		n++
	}
	if n > maxFlags {
		return f, n, ErrFlags
	}
	f.Width, n = twoDigits(spec, n)
	if n < len(spec) && spec[n] == '.' {
		f.HasPrec = true
		f.Prec, n = twoDigits(spec, n+1)
	}
	if n < len(spec) && isDigit(spec[n]) {
		return f, n, ErrWidth
	}
	return f, n, nil
}

func (f *Flags) set(c byte) bool {
	switch c {
	case '-':
		f.Minus = true
	case '+':
		f.Plus = true
	case ' ':
		f.Space = true
	case '#':
		f.Sharp = true
	case '0':
		f.Zero = true
	default:
		return false
	}
	return true
}

// twoDigits reads at most two digits at s[i:] and returns where they end.
func twoDigits(s string, i int) (value, end int) {
	for end = i; end < len(s) && end < i+2 && isDigit(s[end]); end++ {
		value = value*10 + int(s[end]-'0')
	}
	return value, end
}

func isDigit(c byte) bool {
	return c-'0' <= 9
}
