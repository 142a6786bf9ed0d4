package pattern

import (
	"strconv"
	"strings"
)

// AppendReplacement appends repl, the replacement string of a gsub, for the last
// match: %0 is the whole match, %1 to %9 its captures (%1 the whole match if the
// pattern has none), %% a percent sign.
func (m *Matcher) AppendReplacement(dst []byte, repl string) ([]byte, error) {
	for {
		i := strings.IndexByte(repl, '%')
		if i < 0 {
			return append(dst, repl...), nil
		}
		dst = append(dst, repl[:i]...)
		if i+1 == len(repl) {
			return dst, ErrReplacement
		}
		c := repl[i+1]
		repl = repl[i+2:]
		switch {
		case c == '%':
			dst = append(dst, '%')
		case c == '0':
			dst = append(dst, m.src[m.start:m.end]...)
		case c-'1' <= 8:
			start, end, position, err := m.Capture(int(c - '1'))
			if err != nil {
				return dst, err
			}
			if position {
				dst = strconv.AppendInt(dst, int64(start)+1, 10)
			} else {
				dst = append(dst, m.src[start:end]...)
			}
		default:
			return dst, ErrReplacement
		}
	}
}
