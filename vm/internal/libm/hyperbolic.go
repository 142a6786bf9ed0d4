package libm

import "math"

// The hyperbolic functions combine exponentials in the way of C's, which is not exact to the last place.

const (
	// maxPair is where e to the power of -x stops to count beside that of x.
	maxPair = 22
	// smallCosh is half of ln(2).
	smallCosh = math.Ln2 / 2
	// maxLog is the logarithm of the largest number.
	maxLog = 709.782712893384
)

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64 {
	a, half := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case x != x || a < 0x1p-28:
		return x
	case a > maxPair:
		return math.Copysign(halfExp(a), x)
	}
	t := math.Expm1(a)
	if a < 1 {
		return half * (2*t - t*t/(t+1))
	}
	return half * (t + t/(t+1))
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x:
		return x
	case a > maxPair:
		return halfExp(a)
	case a < smallCosh:
		t := math.Expm1(a)
		return 1 + t*t/(2*(1+t))
	}
	t := Exp(a)
	return 0.5*t + 0.5/t
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || a < 0x1p-28:
		return x
	case a > maxPair:
		return math.Copysign(1, x)
	case a >= 1:
		t := math.Expm1(2 * a)
		return math.Copysign(1-2/(t+2), x)
	}
	t := math.Expm1(-2 * a)
	return math.Copysign(-t/(t+2), x)
}

// halfExp returns half of the exponential of x, also where the whole would be infinite.
func halfExp(x float64) float64 {
	if x < maxLog {
		return 0.5 * Exp(x)
	}
	t := Exp(0.5 * x)
	return 0.5 * t * t
}
