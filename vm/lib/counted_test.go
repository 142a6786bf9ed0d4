package lib_test

import (
	"runtime"
	"testing"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// Each of these makes many objects of one kind, and holds on to them.
var objects = map[string]string{
	"closures":             `for i = 1, 20000 do local a, b = i, i; t[i] = function() a = b return a end end`,
	"closures of one":      `for i = 1, 20000 do local a = i; t[i] = function() return a end end`,
	"closures of ten":      `local a, b, c, d, e, f, g, h, i, j for n = 1, 20000 do t[n] = function() return a, b, c, d, e, f, g, h, i, j end end`,
	"suspended coroutines": `for i = 1, 5000 do t[i] = coroutine.wrap(function() coroutine.yield() end) t[i]() end`,
	"coroutines to start":  `for i = 1, 5000 do t[i] = coroutine.create(function() coroutine.yield() end) end`,
	"dead coroutines":      `for i = 1, 5000 do local c = coroutine.create(function() return i end) coroutine.resume(c) t[i] = c end`,
	"deep coroutines":      `local function d(n) if n == 0 then coroutine.yield() end return 1 + d(n - 1) end for i = 1, 20 do t[i] = coroutine.wrap(d) t[i](2000) end`,
	"empty tables":         `for i = 1, 20000 do t[i] = {} end`,
	"records":              `for i = 1, 20000 do t[i] = { x = 1, y = 2 } end`,
	"lists":                `for i = 1, 20000 do t[i] = { 1, 2, 3 } end`,
	"lists that grow":      `for i = 1, 20000 do local l = {} for j = 1, 5 do l[j] = j end t[i] = l end`,
	"records that grow":    `for i = 1, 20000 do local l = {} for j = 1, 7 do l["f" .. j] = j end t[i] = l end`,
	"packed":               `for i = 1, 20000 do t[i] = table.pack(i, i, i) end`,
	"an array":             `for i = 1, 200000 do t[i] = i end`,
	"keys":                 `for i = 1, 50000 do t["key" .. i] = i end`,
	"short strings":        `for i = 1, 50000 do t[i] = "a string " .. i end`,
	"formatted":            `for i = 1, 20000 do t[i] = ("%099d"):format(i) end`,
	"long strings":         `for i = 1, 2000 do t[i] = ("x"):rep(1000) .. i end`,
	"words":                `for w in ("word "):rep(50000):gmatch("%a+") do t[#t + 1] = w end`,
	"weak keys":            `local w = setmetatable({}, { __mode = "k" }) for i = 1, 20000 do t[i] = {} w[t[i]] = {} end t.w = w`,
	"weak values":          `local w = setmetatable({}, { __mode = "v" }) for i = 1, 20000 do t[i] = {} w[i] = t[i] end t.w = w`,
	"finalizers":           `local m = { __gc = function() end } for i = 1, 5000 do t[i] = setmetatable({}, m) end`,
	"chunks":               `for i = 1, 1000 do t[i] = load("local x = " .. i .. " return function() return x, " .. i .. " end") end`,
	"long chunks":          `local line = ("x.y = f(z, 1)\n"):rep(1000) for i = 1, 20 do t[i] = load(line .. i) or load(line .. "x = " .. i) end`,
	"chunks of data":       `local line = ("{ id = 1, name = 'n' },\n"):rep(1000) for i = 1, 20 do t[i] = load("return {" .. line .. i .. "}") end`,
}

// A state's memory, as counted and as measured, is not much less than what the heap has grown by, nor is what is measured
// much more. It is no parallel test: nothing else may allocate.
func TestMemoryCounted(t *testing.T) {
	for name, text := range objects {
		t.Run(name, func(t *testing.T) {
			s := vm.NewState(vm.Options{})
			lib.New(lib.Options{}).Open(s)
			f, err := s.Load("local t = {} list = t "+text, "=memory", "t", s.Globals().Value())
			if err != nil {
				t.Fatal(err)
			}
			heapBefore, before := liveHeap(), s.Memory()
			if _, err := s.Main().Call(f); err != nil {
				t.Fatal(err)
			}
			counted := s.Memory() - before
			heap := liveHeap() - heapBefore
			if err := s.Collect(); err != nil {
				t.Fatal(err)
			}
			measured := s.Memory() - before
			if min(counted, measured) < heap/2 || measured > heap*25/10 {
				t.Errorf("%d bytes counted, %d measured, but the heap has grown by %d", counted, measured, heap)
			}
			runtime.KeepAlive(s)
		})
	}
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // what sync.Pool has kept
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
