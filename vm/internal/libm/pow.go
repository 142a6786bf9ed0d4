package libm

import "math"

// Pow returns x to the power of y, with the special cases of C (C11, F.10.4.4).
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case y != y:
		return y
	case x != x:
		return x
	case y == 1:
		return x
	case y == 2:
		return x * x
	case x == 0 || math.IsInf(x, 0):
		return powOfExtreme(x, y)
	case math.IsInf(y, 0):
		return powToInf(x, y)
	case x > 0:
		return pow(x, y)
	case y != math.Floor(y):
		return invalid
	case isOdd(y):
		return -pow(-x, y)
	}
	return pow(-x, y)
}

// pow returns x to the power of y, for x > 0 and both finite.
func pow(x, y float64) float64 {
	hi, lo := log(x)
	product := float64(y * hi)
	if math.Abs(product) > -minExp {
		return exp(product, 0)
	}
	return exp(product, math.FMA(y, hi, -product)+y*lo)
}

func isOdd(y float64) bool { return math.Abs(y) < 1<<53 && math.Mod(y, 2) != 0 }

// powOfExtreme handles zeros and infinities as the base.
func powOfExtreme(x, y float64) float64 {
	result := 0.0
	if math.IsInf(x, 0) == (y > 0) {
		result = math.Inf(1)
	}
	if isOdd(y) && y == math.Floor(y) {
		return math.Copysign(result, x)
	}
	return result
}

func powToInf(x, y float64) float64 {
	switch {
	case x == -1:
		return 1
	case math.Abs(x) > 1 == (y > 0):
		return math.Inf(1)
	}
	return 0
}
