package lib

import (
	"testing"

	"github.com/luahost/luahost/vm"
)

// The functions that programs call most: each benchmark is one call in a loop of Lua.
func BenchmarkFunctions(b *testing.B) {
	for _, bench := range []struct{ name, setup, call string }{
		{"string.byte", `local s = ("abc"):rep(100)`, `s:byte(i % 300 + 1)`},
		{"string.sub", `local s = ("abc"):rep(100)`, `s:sub(5, 15)`},
		{"string.char", ``, `string.char(65)`},
		{"string.find/plain", `local s = ("abc"):rep(100) .. "d"`, `s:find("d", 1, true)`},
		{"string.find/pattern", `local s = ("abc "):rep(20) .. "d1"`, `s:find("%a%d")`},
		{"string.match", `local s = "key = value"`, `s:match("^(%w+)%s*=%s*(%w+)$")`},
		{"string.gsub", `local s = ("abc "):rep(20)`, `s:gsub("b", "x")`},
		{"string.format/d", ``, `string.format("%d", i)`},
		{"string.format/mixed", ``, `string.format("%s: %5.2f", "abc", i)`},
		{"string.rep", ``, `string.rep("abc", 10)`},
		{"string.upper", `local s = ("abc "):rep(10)`, `s:upper()`},
		{"string.pack", ``, `string.pack(">I2I4", 1, 2)`},
		{"string.unpack", `local s = string.pack(">I2I4", 1, 2)`, `string.unpack(">I2I4", s)`},
		{"table.insert", `local t = {}`, `table.insert(t, i) if i % 1000 == 0 then t = {} end`},
		{"table.remove", `local t = {}`, `t[1] = i table.remove(t)`},
		{"table.concat", `local t = {} for i = 1, 100 do t[i] = "abc" end`, `table.concat(t, ",")`},
		{"table.unpack", `local t = {1, 2, 3, 4}`, `table.unpack(t)`},
		{"table.sort/numbers", `local t = {}`, `for k = 1, 100 do t[k] = k * 7919 % 101 end table.sort(t)`},
		{"table.sort/comparator", `local t, greater = {}, function(a, b) return a > b end`, `for k = 1, 100 do t[k] = k * 7919 % 101 end table.sort(t, greater)`},
		{"math.floor", ``, `math.floor(i / 3)`},
		{"math.random", ``, `math.random(100)`},
		{"math.sin", ``, `math.sin(i)`},
		{"bit32.bxor", ``, `bit32.bxor(i, 255)`},
		{"bit32.band", ``, `bit32.band(i, 255)`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := vm.NewState(vm.Options{})
			New(Options{}).Open(s)
			program := "local string, table, math, bit32 = string, table, math, bit32 " + bench.setup +
				" return function(n) for i = 1, n do " + bench.call + " end end"
			main, err := s.Load(program, "=bench", "t", s.Globals().Value())
			if err != nil {
				b.Fatal(err)
			}
			results, err := s.Main().Call(main)
			if err != nil {
				b.Fatal(err)
			}
			loop := results[0]
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := s.Main().Call(loop, vm.Int(b.N)); err != nil {
				b.Fatal(err)
			}
		})
	}
}
