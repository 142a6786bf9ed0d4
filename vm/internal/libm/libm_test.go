package libm

import (
	"bufio"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// functions are those that C Lua has too, each with the expression for it.
var functions = []struct {
	lua string
	f   func(x, y float64) float64
}{
	{"math.exp(x)", func(x, y float64) float64 { return Exp(x) }},
	{"math.log(math.abs(x))", func(x, y float64) float64 { return Log(math.Abs(x)) }},
	{"math.log10(math.abs(x))", func(x, y float64) float64 { return Log10(math.Abs(x)) }},
	{"math.abs(x)^y", func(x, y float64) float64 { return Pow(math.Abs(x), y) }},
	{"(1+math.abs(x)/1e6)^math.floor(y*1e4)", func(x, y float64) float64 {
		return Pow(1+math.Abs(x)/1e6, math.Floor(y*1e4))
	}},
	{"math.sin(x)", func(x, y float64) float64 { return Sin(x) }},
	{"math.cos(x)", func(x, y float64) float64 { return Cos(x) }},
	{"math.tan(x)", func(x, y float64) float64 { return Tan(x) }},
	{"math.sin(math.floor(x)*math.pi)", func(x, y float64) float64 { return Sin(math.Floor(x) * math.Pi) }},
	{"math.asin(x/1e6)", func(x, y float64) float64 { return Asin(x / 1e6) }},
	{"math.acos(x/1e6)", func(x, y float64) float64 { return Acos(x / 1e6) }},
	{"math.atan(x)", func(x, y float64) float64 { return Atan(x) }},
	{"math.atan2(x,y)", func(x, y float64) float64 { return Atan2(x, y) }},
	{"math.sinh(x)", func(x, y float64) float64 { return Sinh(x) }},
	{"math.cosh(x)", func(x, y float64) float64 { return Cosh(x) }},
	{"math.tanh(x)", func(x, y float64) float64 { return Tanh(x) }},
	{"math.fmod(x,y)", Mod},
}

// ulps counts the numbers from a to b.
func ulps(a, b float64) int64 {
	if a == b || a != a && b != b {
		return 0
	}
	x, y := int64(math.Float64bits(a)), int64(math.Float64bits(b))
	if x < 0 {
		x = math.MinInt64 - x
	}
	if y < 0 {
		y = math.MinInt64 - y
	}
	return max(x-y, y-x)
}

// Results are those of C in nearly all cases, and at most two places off in the others.
func TestAgainstCLua(t *testing.T) {
	lua, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2 is not installed")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, fn := range functions {
		const n = 4000
		var xs, ys [n]float64
		var program strings.Builder
		program.WriteString("local x, y\n")
		for i := range n {
			scale := math.Pow(10, float64(i%10-3)) // 0.001 to 1000000
			xs[i], ys[i] = (r.Float64()-0.5)*2*scale, (r.Float64()-0.5)*2*scale
			fmt.Fprintf(&program, "x, y = %v, %v print(('%%a'):format(%s))\n", xs[i], ys[i], fn.lua)
		}
		command := exec.Command(lua, "-")
		command.Stdin = strings.NewReader(program.String())
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(strings.NewReader(string(out)))
		different := 0
		for i := 0; lines.Scan(); i++ {
			want, _ := strconv.ParseFloat(lines.Text(), 64)
			got := fn.f(xs[i], ys[i])
			if d := ulps(got, want); d > 2 {
				t.Errorf("%s for x=%v, y=%v: got %v, want %v", fn.lua, xs[i], ys[i], got, want)
			} else if d > 0 {
				different++
			}
		}
		if different > n/50 {
			t.Errorf("%s: %d of %d results differ", fn.lua, different, n)
		}
	}
}

func TestSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	negativeZero := math.Copysign(0, -1)
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"pow(0, -1)", Pow(0, -1), inf},
		{"pow(-0, -1)", Pow(negativeZero, -1), -inf},
		{"pow(-0, -2)", Pow(negativeZero, -2), inf},
		{"pow(-0, 3)", Pow(negativeZero, 3), negativeZero},
		{"pow(-0, 2^53+2)", Pow(negativeZero, 1<<53+2), 0},
		{"pow(nan, 0)", Pow(nan, 0), 1},
		{"pow(1, nan)", Pow(1, nan), 1},
		{"pow(-1, inf)", Pow(-1, inf), 1},
		{"pow(0.5, inf)", Pow(0.5, inf), 0},
		{"pow(-2, -inf)", Pow(-2, -inf), 0},
		{"pow(-inf, 3)", Pow(-inf, 3), -inf},
		{"pow(-inf, -3)", Pow(-inf, -3), negativeZero},
		{"pow(-inf, 0.5)", Pow(-inf, 0.5), inf},
		{"pow(-8, 1/3)", Pow(-8, 1./3), invalid},
		{"pow(-2, 3)", Pow(-2, 3), -8},
		{"pow(10, 308)", Pow(10, 308), 1e308},
		{"pow(10, 309)", Pow(10, 309), inf},
		{"pow(2, -1074)", Pow(2, -1074), 5e-324},
		{"pow(2, -1075)", Pow(2, -1075), 0},
		{"pow(2, 1e300)", Pow(2, 1e300), inf},
		{"pow(0.5, 1e300)", Pow(0.5, 1e300), 0},
		{"pow(1e-310, 0.5)", Pow(1e-310, 0.5), math.Sqrt(1e-310)},
		{"exp(-inf)", Exp(-inf), 0},
		{"exp(inf)", Exp(inf), inf},
		{"exp(1000)", Exp(1000), inf},
		{"exp(-745.2)", Exp(-745.2), 0},
		{"exp(-745)", Exp(-745), 5e-324},
		{"exp(0)", Exp(0), 1},
		{"log(0)", Log(0), -inf},
		{"log(-1)", Log(-1), invalid},
		{"log(inf)", Log(inf), inf},
		{"log(1)", Log(1), 0},
		{"log(5e-324)", Log(5e-324), -744.4400719213812},
		{"log10(-1)", Log10(-1), nan},
		{"log10(1e-300)", Log10(1e-300), -300},
		{"sin(inf)", Sin(inf), invalid},
		{"sin(-0)", Sin(negativeZero), negativeZero},
		{"cos(0)", Cos(0), 1},
		{"tan(inf)", Tan(inf), invalid},
		{"sin(5e-324)", Sin(5e-324), 5e-324},
		{"sin(1e300)", Sin(1e300), math.Sin(1e300)},
		{"asin(2)", Asin(2), nan},
		{"acos(1)", Acos(1), 0},
		{"atan(inf)", Atan(inf), math.Pi / 2},
		{"atan2(-0, -1)", Atan2(negativeZero, -1), -math.Pi},
		{"atan2(1e300, 1e-300)", Atan2(1e300, 1e-300), math.Pi / 2},
		{"atan2(inf, -inf)", Atan2(inf, -inf), math.Atan2(inf, -inf)},
		{"sinh(710)", Sinh(710), 1.1169973830808557e308},
		{"cosh(-inf)", Cosh(-inf), inf},
		{"tanh(-1000)", Tanh(-1000), -1},
		{"sqrt(-1)", Sqrt(-1), invalid},
		{"fmod(1, 0)", Mod(1, 0), invalid},
		{"fmod(-6, 2)", Mod(-6, 2), negativeZero},
	} {
		if ulps(test.got, test.want) > 0 || math.Signbit(test.got) != math.Signbit(test.want) {
			t.Errorf("%s: got %v (sign %v), want %v", test.name, test.got, math.Signbit(test.got), test.want)
		}
	}
	for name, f := range map[string]func(float64) float64{
		"exp": Exp, "log": Log, "log10": Log10, "sin": Sin, "cos": Cos, "tan": Tan, "asin": Asin, "acos": Acos,
		"atan": Atan, "sinh": Sinh, "cosh": Cosh, "tanh": Tanh, "sqrt": Sqrt,
	} {
		for _, x := range []float64{nan, math.Copysign(nan, -1)} {
			if y := f(x); y == y || math.Signbit(y) != math.Signbit(x) {
				t.Errorf("%s does not keep nan with the sign bit %v", name, math.Signbit(x))
			}
		}
	}
}

// Powers that a float64 holds are exact.
func TestExactPowers(t *testing.T) {
	for base := 2.0; base < 100; base++ {
		exact := 1.0
		for exponent := 0.0; exact < 1<<53; exponent++ {
			if got := Pow(base, exponent); got != exact {
				t.Errorf("%v^%v = %v, want %v", base, exponent, got, exact)
			}
			exact *= base
		}
	}
	for k := -1074; k < 1024; k++ {
		if got := Pow(2, float64(k)); got != math.Ldexp(1, k) {
			t.Errorf("2^%d = %v", k, got)
		}
	}
	for k := -300; k <= 300; k++ {
		x, _ := strconv.ParseFloat(fmt.Sprintf("1e%d", k), 64)
		if got := Log10(x); got != float64(k) {
			t.Errorf("log10(1e%d) = %v", k, got)
		}
	}
}

const precision = 300

func number(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// bigLog sums the series of the logarithm for x from 1/2 to 2.
func bigLog(x *big.Float) *big.Float {
	one := number(1)
	q := new(big.Float).Quo(new(big.Float).Sub(x, one), new(big.Float).Add(x, one))
	square := new(big.Float).Mul(q, q)
	sum, power := number(0), new(big.Float).Copy(q)
	for i := 1; i < 400; i += 2 {
		sum.Add(sum, new(big.Float).Quo(power, number(float64(i))))
		power.Mul(power, square)
	}
	return sum.Mul(sum, number(2))
}

func near(got, want *big.Float, bits int) bool {
	d := new(big.Float).Sub(got, want)
	return d.Sign() == 0 || d.MantExp(nil) <= bits
}

func TestTables(t *testing.T) {
	for i, e := range logTable {
		sum := new(big.Float).SetPrec(precision).Add(number(e.hi), number(e.lo))
		if !near(sum, new(big.Float).Neg(bigLog(number(e.inverse))), -95) {
			t.Errorf("logTable[%d]: hi and lo are not minus the logarithm of inverse", i)
		}
		if e.hi != math.Trunc(e.hi*0x1p42)*0x1p-42 {
			t.Errorf("logTable[%d]: hi has too many bits", i)
		}
		low := 1 + float64(i)/tableSize
		high := low + 1./tableSize
		if i >= halved {
			low, high = low/2, high/2
		}
		if r := max(math.Abs(low*e.inverse-1), math.Abs(high*e.inverse-1)); r > 0x1p-7 {
			t.Errorf("logTable[%d]: inverse is off by %v", i, r)
		}
	}
	step := number(2)
	for range tableBits {
		step.Sqrt(step)
	}
	power := number(1)
	for i, e := range expTable {
		value := new(big.Float).SetPrec(precision).Add(number(1), number(e.lo))
		if !near(value.Mul(value, number(e.hi)), power, -104) {
			t.Errorf("expTable[%d] is not 2^(%d/%d)", i, i, tableSize)
		}
		power.Mul(power, step)
	}
}
