package vm

import (
	"strings"
	"testing"
)

// testState makes a state with what the tests of this package need of the libraries.
func testState(out *strings.Builder) *State {
	s := NewState(Options{})
	g := s.Globals()
	g.SetString("print", Function("print", func(c *Call) error {
		for i, v := range c.Args() {
			if i > 0 {
				out.WriteByte('\t')
			}
			out.WriteString(Text(v))
		}
		out.WriteByte('\n')
		return nil
	}))
	g.SetString("pcall", Function("pcall", func(c *Call) error { return c.PCall() }))
	g.SetString("error", Function("error", func(c *Call) error { return NewError(c.Arg(1)) }))
	g.SetString("setmeta", Function("setmeta", func(c *Call) error {
		c.State().SetMetatable(c.CheckTable(1), c.CheckTable(2))
		return nil
	}))
	g.SetString("panic", Function("panic", func(c *Call) error { panic("oops") }))
	return s
}

func TestPrograms(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"values", `print(1, "a", nil, true, 1e15, 2^53, -0.5)`, "1\ta\tnil\ttrue\t1000000000000000\t9007199254740992\t-0.5\n"},
		{"recursion", `local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end print(fib(15))`, "610\n"},
		{"tables", `local t = {1, 2, x = 5} t[3] = 3 t.y = t.x print(#t, t.y, t[3])`, "3\t5\t3\n"},
		{"queue", `local t, h = {}, 1 for i = 1, 1000 do t[i] = i if i > 3 then t[h] = nil h = h + 1 end end local n = 0 for i = h, 1000 do n = n + t[i] end print(n)`, "2997\n"},
		{"reverse fill", `local t = {} for i = 100, 1, -1 do t[i] = i end print(#t, t[50])`, "100\t50\n"},
		{"upvalue identity", `local function mk(v) return function() v = v + 1 return v end end local a, b = mk(0), mk(0) a() print(a(), b(), a ~= b)`, "2\t1\ttrue\n"},
		{"varargs", `local function f(a, ...) return ..., a end print(f(1, 2, 3))`, "2\t1\n"},
		{"error values", `print(pcall(error, "x")) print(pcall(function() local x x.y = 1 end))`, "false\tx\nfalse\tt:1: attempt to index local 'x' (a nil value)\n"},
		{"panic in Go", `print(pcall(panic))`, "false\tpanic in a Go function: oops\n"},
		{"loop of __index", `local A = {} A.__index = A setmeta(A, A) print(pcall(function() return A:missing() end)) print(pcall(function() return A.missing end))`,
			"false\tt:1: loop in gettable\nfalse\tt:1: loop in gettable\n"},
		{"goto", `for i = 1, 3 do if i == 2 then goto continue end print(i) ::continue:: end`, "1\n3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			s := testState(&out)
			f, err := s.Load(test.source, "=t", "t", s.Globals().Value())
			if err != nil {
				t.Fatal(err)
			}
			th := s.NewThread(f)
			if _, outcome := th.Resume(); outcome != Done {
				t.Fatal(th.Failure())
			}
			if out.String() != test.want {
				t.Errorf("printed %q, want %q", out.String(), test.want)
			}
		})
	}
}

// A table keeps to its three rules, and to what a map would hold, whatever is done to it.
func TestTableAgainstMap(t *testing.T) {
	s := NewState(Options{})
	for seed := uint64(1); seed <= 200; seed++ {
		tab, want := s.NewTable(0, 0), map[int]int{}
		x := seed * 0x9E3779B97F4A7C15
		for step := 0; step < 400; step++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			key := int(x>>20) % 40
			if x%3 == 0 {
				delete(want, key)
				tab.SetInt(key, Value{})
			} else {
				want[key] = step
				tab.SetInt(key, Int(step))
			}
			if n := len(tab.arr); n > 0 && tab.arr[n-1].IsNil() {
				t.Fatal("the array part ends in nil")
			}
			if border := tab.Len(); border > 0 && tab.GetInt(border).IsNil() || !tab.GetInt(border+1).IsNil() {
				t.Fatalf("%d is no border", border)
			}
		}
		seen := 0
		for k, v, err := tab.Next(Value{}); !k.IsNil(); k, v, err = tab.Next(k) {
			if err != nil {
				t.Fatal(err)
			}
			i, _ := k.AsNumber()
			if f, _ := v.AsNumber(); float64(want[int(i)]) != f {
				t.Fatalf("[%v] = %v, want %d", i, f, want[int(i)])
			}
			seen++
			tab.SetInt(int(i), Value{}) // clearing must not disturb the traversal
		}
		if seen != len(want) {
			t.Fatalf("traversed %d fields of %d", seen, len(want))
		}
	}
}
