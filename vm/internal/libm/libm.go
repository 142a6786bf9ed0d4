// Package libm has the functions of C's mathematical library with the results of glibc on x86-64, to the last place in
// nearly all cases, where those of package math are less exact; and it gives nan the sign that Lua prints.
//
// The results come from sums of two float64, which hold about 65 correct bits and are rounded once. A product whose
// rounding error is computed is converted to float64, which keeps compilers from fusing it with a sum.
package libm

import "math"

// invalid is what an operation without a result gives on x86: nan with its sign bit set, printed as "-nan".
var invalid = math.Copysign(math.NaN(), -1)

// sum2 returns a+b as a sum of two numbers without error, for |a| >= |b|.
func sum2(a, b float64) (hi, lo float64) {
	hi = a + b
	return hi, a - hi + b
}

// Sqrt returns the square root of x.
func Sqrt(x float64) float64 {
	if x < 0 {
		return invalid
	}
	return math.Sqrt(x)
}

// Mod returns the remainder of x/y with the sign of x, as C's fmod does.
func Mod(x, y float64) float64 {
	switch {
	case x != x:
		return x
	case y != y:
		return y
	case y == 0 || math.IsInf(x, 0):
		return invalid
	}
	return math.Mod(x, y)
}
