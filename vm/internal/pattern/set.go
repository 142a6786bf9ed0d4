package pattern

import "math/bits"

// set is a set of bytes.
type set [4]uint64

func (s *set) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

func (s *set) add(c byte) { s[c>>6] |= 1 << (c & 63) }

// addRange adds lo to hi, inclusive.
func (s *set) addRange(lo, hi byte) {
	if lo > hi {
		return
	}
	first, last := lo>>6, hi>>6
	for i := first; i <= last; i++ {
		bits := ^uint64(0)
		if i == first {
			bits &= ^uint64(0) << (lo & 63)
		}
		if i == last {
			bits &= ^uint64(0) >> (63 - hi&63)
		}
		s[i] |= bits
	}
}

func (s *set) union(t *set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s *set) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

func (s *set) disjoint(t *set) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] == 0
}

func (s *set) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// least returns the least member of s, which must not be empty.
func (s *set) least() byte {
	i := 0
	for s[i] == 0 {
		i++
	}
	return byte(i<<6 + bits.TrailingZeros64(s[i]))
}

// The sets of one byte, of all bytes, and of the classes (nil for bytes that
// are no class letter). Nothing writes to them.
var (
	singles = makeSingles()
	all     = set{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	classes = makeClasses()
)

func makeSingles() (s [256]set) {
	for c := range s {
		s[c].add(byte(c))
	}
	return s
}

// makeClasses gives the classes the members they have in the C locale.
func makeClasses() (classes [256]*set) {
	for letter, ranges := range map[byte]string{
		'a': "AZaz",
		'c': "\x00\x1f\x7f\x7f",
		'd': "09",
		'g': "!~",
		'l': "az",
		'p': "!/:@[`{~",
		's': "\t\r  ",
		'u': "AZ",
		'w': "09AZaz",
		'x': "09AFaf",
		'z': "\x00\x00",
	} {
		class, others := new(set), new(set)
		for i := 0; i < len(ranges); i += 2 {
			class.addRange(ranges[i], ranges[i+1])
		}
		*others = *class
		others.invert()
		classes[letter], classes[letter-'a'+'A'] = class, others
	}
	return classes
}
