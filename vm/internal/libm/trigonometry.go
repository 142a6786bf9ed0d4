package libm

import "math"

// Pi/2 in three parts.
const (
	halfPi1 = 0x1.921fb54442d18p+0
	halfPi2 = 0x1.1a62633145c07p-54
	halfPi3 = -0x1.f1976b7ed8fbcp-110

	// maxReduced bounds the numbers that three parts are enough for. Package math knows more of them.
	maxReduced = 1 << 40
)

// Sin returns the sine of x.
func Sin(x float64) float64 {
	if v, special := trigonometricSpecial(x); special {
		return v
	}
	if math.Abs(x) > maxReduced {
		return math.Sin(x)
	}
	hi, _ := sin(x)
	return hi
}

// Cos returns the cosine of x.
func Cos(x float64) float64 {
	if v, special := trigonometricSpecial(x); special && x != 0 {
		return v
	}
	if math.Abs(x) > maxReduced {
		return math.Cos(x)
	}
	hi, _ := cos(x)
	return hi
}

// Tan returns the tangent of x.
func Tan(x float64) float64 {
	if v, special := trigonometricSpecial(x); special {
		return v
	}
	if math.Abs(x) > maxReduced {
		return math.Tan(x)
	}
	s, sLo := sin(x)
	c, cLo := cos(x)
	return quotient(s, sLo, c, cLo)
}

// trigonometricSpecial gives the results for 0, infinities and nan.
func trigonometricSpecial(x float64) (v float64, special bool) {
	switch {
	case x == 0 || x != x:
		return x, true
	case math.IsInf(x, 0):
		return invalid, true
	}
	return 0, false
}

// quotient returns (a+aLo)/(b+bLo).
func quotient(a, aLo, b, bLo float64) float64 {
	q := a / b
	return q + (math.FMA(-q, b, a)+aLo-q*bLo)/b
}

// reduce returns x less the nearest multiple n of pi/2, as hi+lo.
func reduce(x float64) (n int64, hi, lo float64) {
	if math.Abs(x) <= math.Pi/4 {
		return 0, x, 0
	}
	k := math.RoundToEven(x * (2 / math.Pi))
	p1, p2 := float64(k*halfPi1), float64(k*halfPi2)
	e1 := math.FMA(k, halfPi1, -p1)
	e2 := math.FMA(k, halfPi2, -p2)
	a := x - p1 // exact
	b, bLo := exactSum(-e1, -p2)
	hi, lo = exactSum(a, b)
	lo += bLo - e2 - k*halfPi3
	hi, lo = sum2(hi, lo)
	return int64(k), hi, lo
}

// exactSum is sum2 for numbers of any magnitude.
func exactSum(a, b float64) (hi, lo float64) {
	hi = a + b
	t := hi - a
	return hi, (a - (hi - t)) + (b - t)
}

func sin(x float64) (hi, lo float64) {
	n, hi, lo := reduce(x)
	if n&1 == 0 {
		hi, lo = sinKernel(hi, lo)
	} else {
		hi, lo = cosKernel(hi, lo)
	}
	if n&2 != 0 {
		return -hi, -lo
	}
	return hi, lo
}

func cos(x float64) (hi, lo float64) {
	n, hi, lo := reduce(x)
	if n&1 == 0 {
		hi, lo = cosKernel(hi, lo)
	} else {
		hi, lo = sinKernel(hi, lo)
	}
	if (n+1)&2 != 0 {
		return -hi, -lo
	}
	return hi, lo
}

// The kernels sum Taylor series for |x| <= pi/4. The first terms are kept as sums of two.

func sinKernel(x, xLo float64) (hi, lo float64) {
	z := float64(x * x)
	p := z * (1./120 + z*(-1./5040+z*(1./362880+z*(-1./39916800+z*(1./6227020800+z*(-1./1307674368000+z*(1./355687428096000)))))))
	third, thirdLo := cubeSixth(x, z)
	hi, lo = sum2(x, -third)
	return sum2(hi, lo+xLo*(1-z/2)-thirdLo+x*z*p)
}

// cubeSixth returns the cube of x divided by 6; z is the square of x.
func cubeSixth(x, z float64) (hi, lo float64) {
	const sixthLo = 0x1.5555555555555p-57 // what float64(1./6) lacks of a sixth
	cube := float64(x * z)
	cubeLo := math.FMA(x, z, -cube) + x*math.FMA(x, x, -z)
	hi = float64(cube * (1. / 6))
	return hi, math.FMA(cube, 1./6, -hi) + cube*sixthLo + cubeLo*(1./6)
}

func cosKernel(x, xLo float64) (hi, lo float64) {
	z := float64(x * x)
	zLo := math.FMA(x, x, -z)
	p := z * z * (1./24 + z*(-1./720+z*(1./40320+z*(-1./3628800+z*(1./479001600+z*(-1./87178291200+z*(1./20922789888000)))))))
	hi, lo = sum2(1, -z/2)
	lo += p - zLo/2 - x*xLo
	return sum2(hi, lo)
}
