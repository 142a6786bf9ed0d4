package libm

import "math"

// The inverse functions take the result y of package math, which is off by a place or two, and add what the sine and
// cosine of y tell about its error.

// Asin returns the arc sine of x.
func Asin(x float64) float64 {
	y := math.Asin(x)
	if x != x {
		return x
	}
	if y != y || math.Abs(x) < tiny {
		return y
	}
	s, sLo := sin(y)
	c, _ := cos(y)
	return y + (x-s-sLo)/c
}

// Acos returns the arc cosine of x.
func Acos(x float64) float64 {
	y := math.Acos(x)
	if x != x {
		return x
	}
	if y != y || y == 0 {
		return y
	}
	s, _ := sin(y)
	c, cLo := cos(y)
	return y - (x-c-cLo)/s
}

// Atan returns the arc tangent of x.
func Atan(x float64) float64 {
	if x != x {
		return x
	}
	return atan2(x, 1)
}

// Atan2 returns the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	switch {
	case y != y:
		return y
	case x != x:
		return x
	}
	return atan2(y, x)
}

// tiny and huge bound the numbers whose products are neither subnormal nor infinite.
const (
	tiny = 0x1p-400
	huge = 0x1p400
)

func atan2(y, x float64) float64 {
	a := math.Atan2(y, x)
	if x, y := math.Abs(x), math.Abs(y); min(x, y) < tiny || max(x, y) > huge || a != a {
		return a
	}
	s, sLo := sin(a)
	c, cLo := cos(a)
	// The sine of the angle between (x, y) and a, times the length of (x, y).
	yc, xs := float64(y*c), float64(x*s)
	cross := yc - xs + (math.FMA(y, c, -yc) - math.FMA(x, s, -xs) + y*cLo - x*sLo)
	return a + cross/(x*c+y*s)
}
