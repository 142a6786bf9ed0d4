package libm

import "math"

const (
	ln2Hi = 0x1.62e42fefa38p-1 // no bits below 2^-42
	ln2Lo = 0x1.ef35793c7673p-45

	stepHi       = 0x1.62e42fef8p-8 // ln(2)/128, no bits below 2^-42
	stepLo       = 0x1.1cf79abc9e3b4p-43
	stepsPerUnit = 0x1.71547652b82fep+7 // 128/ln(2)

	maxExp = 709.79 // the exponential of more is infinite
	minExp = -746   // that of less is 0
)

// Log returns the natural logarithm of x.
func Log(x float64) float64 {
	if v, special := logSpecial(x, invalid); special {
		return v
	}
	hi, lo := log(x)
	return hi + lo
}

// Log10 returns the decimal logarithm of x.
func Log10(x float64) float64 {
	if v, special := logSpecial(x, math.NaN()); special {
		return v
	}
	fraction, k := math.Frexp(x)
	if k <= 0 {
		return log10Sum(fraction, k)
	}
	return log10Sum(2*fraction, k-1)
}

// log10Sum returns log10(z*2^k), as C computes it: exact for powers of ten, else off by a place at times.
func log10Sum(z float64, k int) float64 {
	const (
		log10e   = 4.34294481903251816668e-01
		log10of2 = 3.01029995663611771306e-01
		rest     = 3.69423907715893078616e-13 // of log10of2
	)
	n := float64(k)
	return float64(float64(n*rest)+float64(log10e*Log(z))) + float64(n*log10of2)
}

// logSpecial gives the logarithms that are no numbers, and negative for that of a negative number.
func logSpecial(x, negative float64) (v float64, special bool) {
	switch {
	case x > 0 && x <= math.MaxFloat64:
		return 0, false
	case x == 0:
		return math.Inf(-1), true
	case x < 0:
		return negative, true
	}
	return x, true
}

const (
	mantissaBits = 52
	exponentBias = 1023
)

// log returns the natural logarithm of a positive, finite x as hi+lo, with a relative error of about 2^-67.
func log(x float64) (hi, lo float64) {
	bits := math.Float64bits(x)
	k := -exponentBias
	if bits>>mantissaBits == 0 { // subnormal
		bits = math.Float64bits(x * (1 << mantissaBits))
		k -= mantissaBits
	}
	k += int(bits >> mantissaBits)
	i := int(bits>>(mantissaBits-tableBits)) & (tableSize - 1)
	exponent := uint64(exponentBias)
	if i >= halved {
		exponent--
		k++
	}
	z := math.Float64frombits(bits&(1<<mantissaBits-1) | exponent<<mantissaBits)

	// log(x) = k*ln(2) - log(inverse) + log(1+r), where r is exact and at most 2^-7.
	t := &logTable[i]
	r := math.FMA(z, t.inverse, -1)
	n := float64(k)
	base := n*ln2Hi + t.hi // exact
	r2 := float64(r * r)
	square, squareLo := -r2/2, -math.FMA(r, r, -r2)/2
	rest := r2 * r * (1./3 + r*(-1./4+r*(1./5+r*(-1./6+r*(1./7+r*(-1./8+r*(1./9+r*(-1./10+r*(1./11)))))))))
	hi, lo1 := sum2(base, r)
	if base == 0 {
		hi, lo1 = r, 0
	}
	hi, lo2 := sum2(hi, square)
	lo = lo1 + lo2 + squareLo + (n*ln2Lo + t.lo) + rest
	return sum2(hi, lo)
}

// Exp returns e to the power of x.
func Exp(x float64) float64 {
	if x != x {
		return x
	}
	return exp(x, 0)
}

// exp returns e to the power of hi+lo, where lo is small against hi.
func exp(hi, lo float64) float64 {
	switch {
	case hi > maxExp:
		return math.Inf(1)
	case hi < minExp:
		return 0
	}
	scale, fraction, k := expParts(hi, lo)
	y := scale + scale*fraction
	if -exponentBias+1 < k && k < exponentBias {
		return y * math.Float64frombits(uint64(k+exponentBias)<<mantissaBits)
	}
	return ldexp(scale, scale*fraction, k)
}

// expParts returns e to the power of hi+lo as scale*(1+fraction)*2^k, with scale from 1 to 2 and a small fraction.
func expParts(hi, lo float64) (scale, fraction float64, k int) {
	n := math.RoundToEven(hi * stepsPerUnit)
	r := math.FMA(-n, stepHi, hi) // exact
	r += lo - n*stepLo
	t := &expTable[int(n)&(tableSize-1)]
	power := r * r * (1./2 + r*(1./6+r*(1./24+r*(1./120+r*(1./720)))))
	return t.hi, t.lo + r + power, int(n) >> tableBits
}

// ldexp returns (hi+lo)*2^k, rounded once, where that or 2^k may be out of the normal range.
func ldexp(hi, lo float64, k int) float64 {
	if k <= -exponentBias+1 {
		// At the side of this number, the last place is that of the subnormal result.
		large := math.Ldexp(1, -exponentBias+1-k)
		sum, rest := sum2(large, hi)
		return math.Ldexp(sum+(rest+lo)-large, k)
	}
	return math.Ldexp(hi+lo, k)
}
