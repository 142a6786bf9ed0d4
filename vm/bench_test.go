package vm

import (
	"strings"
	"testing"
)

// benchmark runs source, which returns a function, once a round.
func benchmark(b *testing.B, source string) {
	var out strings.Builder
	s := testState(&out)
	f, err := s.Load(source, "=t", "t", s.Globals().Value())
	if err != nil {
		b.Fatal(err)
	}
	r, err := s.Main().Call(f)
	if err != nil {
		b.Fatal(err)
	}
	run := r[0]
	b.ReportAllocs()
	for b.Loop() {
		th := s.NewThread(run)
		if _, outcome := th.Resume(); outcome != Done {
			b.Fatal(th.Failure())
		}
	}
}

func BenchmarkFib(b *testing.B) {
	benchmark(b, `local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return function() fib(22) end`)
}

func BenchmarkLoop(b *testing.B) {
	benchmark(b, `return function() local x = 0 for i = 1, 100000 do x = x + i % 7 end end`)
}

func BenchmarkFields(b *testing.B) {
	benchmark(b, `return function() local p = {x = 1, y = 2} for i = 1, 100000 do p.x = p.x + p.y end end`)
}

func BenchmarkArray(b *testing.B) {
	benchmark(b, `return function() local t = {} for i = 1, 100000 do t[i] = i end local n = 0 for i = 1, #t do n = n + t[i] end end`)
}

func BenchmarkGoCall(b *testing.B) {
	var out strings.Builder
	s := testState(&out)
	s.Globals().SetString("add", Function("add", func(c *Call) error {
		return c.Return(Int(c.CheckInt(1) + c.CheckInt(2)))
	}))
	f, err := s.Load(`local add = add for i = 1, 100000 do add(i, i) end`, "=t", "t", s.Globals().Value())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Main().Call(f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCallFromGo(b *testing.B) {
	var out strings.Builder
	s := testState(&out)
	f, err := s.Load(`return function(a, b) return a end`, "=t", "t", s.Globals().Value())
	if err != nil {
		b.Fatal(err)
	}
	r, err := s.Main().Call(f)
	if err != nil {
		b.Fatal(err)
	}
	add := r[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Main().Call(add, Int(1), Int(2)); err != nil {
			b.Fatal(err)
		}
	}
}
