package vm_test

import (
	"runtime"
	"testing"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// BenchmarkMemory is what a suspended coroutine and a record of two fields take, with their places in a list.
func BenchmarkMemory(b *testing.B) {
	for name, text := range map[string]string{
		"coroutine": `local list = {}
			for i = 1, 10000 do
				list[i] = coroutine.create(function(a) local b = a + coroutine.yield(a) return b end)
				coroutine.resume(list[i], i)
			end
			return list`,
		"record": `local list = {} for i = 1, 10000 do list[i] = { x = 1, y = 2 } end return list`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := vm.NewState(vm.Options{})
				lib.New(lib.Options{}).Open(s)
				f, err := s.Load(text, "=memory", "t", s.Globals().Value())
				if err != nil {
					b.Fatal(err)
				}
				before := heap()
				list, err := s.Main().Call(f)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(heap()-before)/10000, "B/"+name)
				runtime.KeepAlive(list)
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
