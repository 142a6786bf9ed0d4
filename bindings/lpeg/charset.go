package lpeg

import "math/bits"

// charset is a set of bytes.
type charset [4]uint64

var fullSet = charset{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (s *charset) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *charset) add(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s charset) union(t charset) charset {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

func (s charset) minus(t charset) charset {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

func (s charset) disjoint(t charset) bool {
	for i := range s {
		if s[i]&t[i] != 0 {
			return false
		}
	}
	return true
}

func (s charset) size() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// first returns the lowest byte of a set that isn't empty.
func (s charset) first() byte {
	for i, w := range s {
		if w != 0 {
			return byte(i<<6 + bits.TrailingZeros64(w))
		}
	}
	return 0
}

func setOf(chars string) (s charset) {
	for i := range len(chars) {
		s.add(chars[i])
	}
	return s
}

func rangeOf(low, high byte) (s charset) {
	for c := int(low); c <= int(high); c++ {
		s.add(byte(c))
	}
	return s
}
