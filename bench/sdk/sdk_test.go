// Package sdk measures what the bindings SDK costs: calls from Lua to Go and back, and json beside encoding/json.
//
//	go test -bench . -benchmem ./sdk
package sdk

import (
	"testing"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

type counter struct{ n int }

func (c *counter) Add(n int) int { c.n += n; return c.n }

func functions() host.Module {
	m := module.New("m", "")
	module.Instance(m, func(*host.Service) (*counter, error) { return new(counter), nil })
	module.Type[counter](m, "counter", "").Method("add(n)", (*counter).Add)
	m.Func("new()", func() *counter { return new(counter) })
	m.Func("add(a, b)", func(a, b int) int { return a + b })
	m.Func("length(s)", func(s string) int { return len(s) })
	m.Func("checked(a, b)", func(a, b float64) (float64, error) { return a / b, nil })
	m.Func("count(n)", func(c *counter, n int) int { return c.Add(n) })
	m.Func("three(a, b, c)", func(a, b, c int) int { return a + b + c })
	m.Func("list(l)", func(l []int) int { return len(l) })
	m.Func("raw(a: integer, b: integer) -> sum: integer", func(c *vm.Call) error {
		return c.Return(vm.Int(c.CheckInt(1) + c.CheckInt(2)))
	})
	m.Func("each(n, f)", func(n int, f func(int) int) (sum int) {
		for i := range n {
			sum += f(i)
		}
		return sum
	})
	m.Func("call(n, f)", func(n int, f *module.Callback) error {
		for range n {
			if _, err := f.Call(1); err != nil {
				return err
			}
		}
		return nil
	})
	return m.Module()
}

// calls is how many calls one round of a benchmark makes; ns/call is the figure to read.
const calls = 1000

func benchmarkLua(b *testing.B, body string) {
	h := hosttest.New(b, host.WithModule(functions()))
	h.Eval(`m = require "m"`)
	source := `local m, object = m, m.new() local add, length, checked, count, three, list, raw = m.add, m.length, m.checked, m.count, m.three, m.list, m.raw
		return function() ` + body + ` end`
	h.Do(func(s *host.Service) {
		f, err := s.State().Load(source, "=bench", "t", s.State().Globals().Value())
		if err != nil {
			b.Fatal(err)
		}
		r, err := s.State().Main().Call(f)
		if err != nil {
			b.Fatal(err)
		}
		run := r[0]
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.State().Main().Call(run); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/calls, "ns/call")
	})
}

func BenchmarkLoop(b *testing.B) { benchmarkLua(b, `for i = 1, 1000 do end`) }

func BenchmarkBound(b *testing.B) {
	for _, test := range []struct{ name, body string }{
		{"raw", `for i = 1, 1000 do raw(i, i) end`},
		{"int,int", `for i = 1, 1000 do add(i, i) end`},
		{"string", `for i = 1, 1000 do length("hello") end`},
		{"float,float,error", `for i = 1, 1000 do checked(i, i) end`},
		{"instance", `for i = 1, 1000 do count(i) end`},
		{"method", `for i = 1, 1000 do object:add(i) end`},
		{"int,int,int", `for i = 1, 1000 do three(i, i, i) end`},
		{"slice", `local t = {1, 2, 3} for i = 1, 1000 do list(t) end`},
	} {
		b.Run(test.name, func(b *testing.B) { benchmarkLua(b, test.body) })
	}
}

func BenchmarkCallback(b *testing.B) {
	for _, test := range []struct{ name, body string }{
		{"func(int)int", `m.each(1000, function(i) return i end)`},
		{"Callback.Call", `m.call(1000, function(i) return i end)`},
	} {
		b.Run(test.name, func(b *testing.B) { benchmarkLua(b, test.body) })
	}
}
