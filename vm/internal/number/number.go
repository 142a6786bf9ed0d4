// Package number turns Lua numbers into text and text into Lua numbers, as C
// Lua 5.2 on Linux does it: the coercions of the Lua 5.2 manual, section 3.4.2,
// tonumber, tostring and the numeric verbs of string.format.
//
// Every number is a float64. The one rule that departs from C Lua 5.2 is that
// integral values up to 2^53 print all their digits (see Append).
package number

import "math"

// ToInt64 truncates f toward zero, as string.format's %d does. ok is false when
// the result does not fit ("not a number in proper range").
func ToInt64(f float64) (i int64, ok bool) {
	if f >= -0x1p63 && f < 0x1p63 {
		return int64(f), true
	}
	return 0, false
}

// ToUint64 truncates f toward zero, as string.format's %u, %o and %x do. ok is
// false for what is not above -1 and below 2^64 ("not a non-negative number in
// proper range").
func ToUint64(f float64) (u uint64, ok bool) {
	switch {
	case !(f > -1 && f < 0x1p64):
		return 0, false
	case f < 0:
		return 0, true
	}
	return uint64(f), true
}

// integral tells whether f is an integer of at most 2^53 in magnitude, the range
// in which a float64 holds every integer. Negative zero is not integral: an
// int64 can't hold its sign.
func integral(f float64) (i int64, ok bool) {
	if !(f >= -0x1p53 && f <= 0x1p53) {
		return 0, false
	}
	i = int64(f)
	if float64(i) != f || i == 0 && math.Signbit(f) {
		return 0, false
	}
	return i, true
}
