package lib

import (
	"math"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/libm"
)

// mathLibrary makes the library math (manual section 6.6), with log10 of Lua 5.1, and type, tointeger, ult,
// maxinteger and mininteger of Lua 5.3. All numbers are doubles: type says "integer" of those that print as one,
// and maxinteger is the largest double below 2^63.
func mathLibrary() *vm.Library {
	return vm.NewLibrary("math", []*vm.GoFunction{
		vm.NewFunction("math.abs", mathAbs),
		vm.NewFunction("math.acos", ofOne(libm.Acos)),
		vm.NewFunction("math.asin", ofOne(libm.Asin)),
		vm.NewFunction("math.atan", ofOne(libm.Atan)),
		vm.NewFunction("math.atan2", ofTwo(libm.Atan2)),
		vm.NewFunction("math.ceil", mathCeil),
		vm.NewFunction("math.cos", ofOne(libm.Cos)),
		vm.NewFunction("math.cosh", ofOne(libm.Cosh)),
		vm.NewFunction("math.deg", ofOne(func(x float64) float64 { return x / radiansPerDegree })),
		vm.NewFunction("math.exp", ofOne(libm.Exp)),
		vm.NewFunction("math.floor", mathFloor),
		vm.NewFunction("math.fmod", ofTwo(libm.Mod)),
		vm.NewFunction("math.frexp", mathFrexp),
		vm.NewFunction("math.ldexp", mathLdexp),
		vm.NewFunction("math.log", mathLog),
		vm.NewFunction("math.log10", ofOne(libm.Log10)),
		vm.NewFunction("math.max", mathMax),
		vm.NewFunction("math.min", mathMin),
		vm.NewFunction("math.modf", mathModf),
		vm.NewFunction("math.pow", mathPow),
		vm.NewFunction("math.rad", ofOne(func(x float64) float64 { return x * radiansPerDegree })),
		vm.NewFunction("math.random", mathRandom),
		vm.NewFunction("math.randomseed", mathRandomSeed),
		vm.NewFunction("math.sin", ofOne(libm.Sin)),
		vm.NewFunction("math.sinh", ofOne(libm.Sinh)),
		vm.NewFunction("math.sqrt", mathSqrt),
		vm.NewFunction("math.tan", ofOne(libm.Tan)),
		vm.NewFunction("math.tanh", ofOne(libm.Tanh)),
		vm.NewFunction("math.tointeger", mathToInteger),
		vm.NewFunction("math.type", mathType),
		vm.NewFunction("math.ult", mathUlt),
	}, map[string]vm.Value{
		"huge":       vm.Number(math.Inf(1)),
		"maxinteger": vm.Number(0x1p63 - 0x1p10),
		"mininteger": vm.Number(-0x1p63),
		"pi":         vm.Number(math.Pi),
	})
}

const radiansPerDegree = float64(math.Pi) / 180

func ofOne(f func(float64) float64) vm.Func {
	return func(c *vm.Call) error { return c.Return(vm.Number(f(c.CheckNumber(1)))) }
}

// ofTwo looks at the second argument first, as C Lua's builds do: it shows when both are bad.
func ofTwo(f func(x, y float64) float64) vm.Func {
	return func(c *vm.Call) error {
		y := c.CheckNumber(2)
		return c.Return(vm.Number(f(c.CheckNumber(1), y)))
	}
}

func mathPow(c *vm.Call) error {
	x := c.CheckNumber(1)
	return c.Return(vm.Number(libm.Pow(x, c.CheckNumber(2))))
}

func mathAbs(c *vm.Call) error { return c.Return(vm.Number(math.Abs(c.CheckNumber(1)))) }

func mathCeil(c *vm.Call) error { return c.Return(vm.Number(math.Ceil(c.CheckNumber(1)))) }

func mathFloor(c *vm.Call) error { return c.Return(vm.Number(math.Floor(c.CheckNumber(1)))) }

func mathSqrt(c *vm.Call) error { return c.Return(vm.Number(libm.Sqrt(c.CheckNumber(1)))) }

func mathLog(c *vm.Call) error {
	x := c.CheckNumber(1)
	if c.Arg(2).IsNil() {
		return c.Return(vm.Number(libm.Log(x)))
	}
	base := c.CheckNumber(2)
	if base == 10 {
		return c.Return(vm.Number(libm.Log10(x)))
	}
	return c.Return(vm.Number(libm.Log(x) / libm.Log(base)))
}

func mathFrexp(c *vm.Call) error {
	fraction, exponent := math.Frexp(c.CheckNumber(1))
	c.Push(vm.Number(fraction), vm.Int(exponent))
	return nil
}

func mathLdexp(c *vm.Call) error {
	const enough = 5000 // from the smallest double to beyond the largest, and back
	x := c.CheckNumber(1)
	return c.Return(vm.Number(math.Ldexp(x, min(max(checkInt(c, 2), -enough), enough))))
}

func mathModf(c *vm.Call) error {
	x := c.CheckNumber(1)
	whole, fraction := math.Trunc(x), math.Copysign(0, x)
	if whole != x {
		fraction = x - whole
	}
	c.Push(vm.Number(whole), vm.Number(fraction))
	return nil
}

func mathMax(c *vm.Call) error {
	largest := c.CheckNumber(1)
	for i := 2; i <= c.NArgs(); i++ {
		if x := c.CheckNumber(i); x > largest {
			largest = x
		}
	}
	return c.Return(vm.Number(largest))
}

func mathMin(c *vm.Call) error {
	least := c.CheckNumber(1)
	for i := 2; i <= c.NArgs(); i++ {
		if x := c.CheckNumber(i); x < least {
			least = x
		}
	}
	return c.Return(vm.Number(least))
}

func mathRandom(c *vm.Call) error {
	r := float64(c.State().Random().Uint64()>>11) * 0x1p-53 // in [0,1)
	switch c.NArgs() {
	case 0:
	case 1:
		high := c.CheckNumber(1)
		if !(high >= 1) {
			return c.ArgError(1, "interval is empty")
		}
		r = math.Floor(r*high) + 1
	case 2:
		low, high := c.CheckNumber(1), c.CheckNumber(2)
		if !(low <= high) {
			return c.ArgError(2, "interval is empty")
		}
		r = math.Floor(r*(high-low+1)) + low
	default:
		return c.Errorf("wrong number of arguments")
	}
	return c.Return(vm.Number(r))
}

// mathRandomSeed makes the numbers that follow depend on the seed alone.
func mathRandomSeed(c *vm.Call) error {
	c.State().Random().Seed(math.Float64bits(c.CheckNumber(1)), 0)
	return nil
}

// mathType takes for an integer what prints as one: no fraction, and at most 2^53.
func mathType(c *vm.Call) error {
	f, ok := c.CheckAny(1).AsNumber()
	switch {
	case !ok:
		return c.Return(vm.Nil())
	case f == math.Floor(f) && math.Abs(f) <= 0x1p53 && !(f == 0 && math.Signbit(f)):
		return c.Return(vm.String("integer"))
	}
	return c.Return(vm.String("float"))
}

func mathToInteger(c *vm.Call) error {
	f, ok := vm.ToNumber(c.CheckAny(1))
	if !ok || f != math.Floor(f) || f < -0x1p63 || f >= 0x1p63 {
		return c.Return(vm.Nil())
	}
	return c.Return(vm.Number(f + 0)) // the integer 0 has no sign
}

func mathUlt(c *vm.Call) error {
	a := checkInteger(c, 1)
	return c.Return(vm.Bool(uint64(a) < uint64(checkInteger(c, 2))))
}
