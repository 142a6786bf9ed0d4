package libm

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// functions are those that C Lua offers too, with the Lua expression for them.
var functions = []struct {
	name, lua string
	f         func(x, y float64) float64
}{
	{"exp", "math.exp(x)", func(x, y float64) float64 { return Exp(x) }},
	{"log", "math.log(math.abs(x))", func(x, y float64) float64 { return Log(math.Abs(x)) }},
	{"log10", "math.log10(math.abs(x))", func(x, y float64) float64 { return Log10(math.Abs(x)) }},
	{"pow", "math.abs(x)^y", func(x, y float64) float64 { return Pow(math.Abs(x), y) }},
	{"compound", "(1+math.abs(x)/1e4)^math.floor(y*100)", func(x, y float64) float64 {
		return Pow(1+math.Abs(x)/1e4, math.Floor(y*100))
	}},
	{"sin", "math.sin(x)", func(x, y float64) float64 { return Sin(x) }},
	{"cos", "math.cos(x)", func(x, y float64) float64 { return Cos(x) }},
	{"tan", "math.tan(x)", func(x, y float64) float64 { return Tan(x) }},
	{"asin", "math.asin(x/30)", func(x, y float64) float64 { return Asin(x / 30) }},
	{"acos", "math.acos(x/30)", func(x, y float64) float64 { return Acos(x / 30) }},
	{"atan", "math.atan(x)", func(x, y float64) float64 { return Atan(x) }},
	{"atan2", "math.atan2(x,y)", func(x, y float64) float64 { return Atan2(x, y) }},
	{"sinh", "math.sinh(x)", func(x, y float64) float64 { return Sinh(x) }},
	{"cosh", "math.cosh(x)", func(x, y float64) float64 { return Cosh(x) }},
	{"tanh", "math.tanh(x)", func(x, y float64) float64 { return Tanh(x) }},
	{"fmod", "math.fmod(x,y)", Mod},
}

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

// Results are at most one place from those of C, and mostly the same.
func TestAgainstCLua(t *testing.T) {
	lua, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2 is not installed")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []float64{1e-3, 1, 30, 1e5} {
	for _, fn := range functions {
		const n = 2000
		var xs, ys [n]float64
		var program strings.Builder
		program.WriteString("local x, y\n")
		for i := range n {
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
		different, worst := 0, int64(0)
		for i := 0; lines.Scan(); i++ {
			want, _ := strconv.ParseFloat(lines.Text(), 64)
			if d := ulps(fn.f(xs[i], ys[i]), want); d > 0 {
				different++
				worst = max(worst, d)
			}
		}
		t.Logf("%v %s: %d of %d differ, by at most %d", scale, fn.name, different, n, worst)
	}
	}
}
