// Package memory implements skynet.memory: how much memory the process and its services take.
package memory

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	return module.New("skynet.memory", "Figures of the memory that the process and its services take. Names are those of skynet, which has its own allocator.").
		Func("total() -> bytes: number", func(c *vm.Call) error { return c.Return(read("/memory/classes/heap/objects:bytes")) },
			"Returns the bytes of all objects on the heap.").
		Func("block() -> count: number", func(c *vm.Call) error { return c.Return(read("/gc/heap/objects:objects")) },
			"Returns how many objects are on the heap.").
		Func("current() -> bytes: number", current, "Returns the bytes of this service's values.").
		Func("info() -> bytes: table<integer, number>", info, "Returns the bytes of each service's values, by its address.").
		Func("dump()", dump, "Writes the memory of each service to the log.").
		Func("dumpinfo()", dumpInfo, "Writes figures of the process to the log.").
		Func("jestat() -> figures: table<string, number>", jestat, "Returns figures of the process, under the names that jemalloc has for the like.").
		Func("mallctl(name: string) -> value: number", func(c *vm.Call) error { return c.Return(read(c.CheckString(1))) },
			"Returns a figure of the Go runtime, 0 when there is none of that name.", "name: of Go's package runtime/metrics: /gc/heap/live:bytes").
		Func("dumpheap()", debug.FreeOSMemory, "Collects garbage, and gives memory back to the system.").
		Func("profactive(active?) -> active", func(bool) bool { return false }, "Returns false: there is no profile of the heap.").
		Func("ssinfo() -> figures: table<string, number>", jestat, "Is jestat: strings are shared without a table of their own.").
		Func("ssexpand(n?)", func(int) {}, "Does nothing.").
		Modules("memory")
}

// read returns one of the runtime's figures (package runtime/metrics), 0 when there is none of that name.
func read(name string) vm.Value {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	switch v := sample[0].Value; v.Kind() {
	case metrics.KindUint64:
		return vm.Number(float64(v.Uint64()))
	case metrics.KindFloat64:
		return vm.Number(v.Float64())
	}
	return vm.Int(0)
}

func current(c *vm.Call) error { return c.Return(vm.Number(float64(c.State().Memory()))) }

// figure is the memory of a service.
type figure struct {
	handle host.Handle
	bytes  int64
}

// figures returns the memory of the caller's service, and of the others as they last counted it.
func figures(c *vm.Call) []figure {
	var list []figure
	for _, s := range host.ServiceOf(c).Host().Services() {
		list = append(list, figure{s.Address(), s.Memory()})
	}
	slices.SortFunc(list, func(a, b figure) int { return int(a.handle) - int(b.handle) })
	return list
}

func info(c *vm.Call) error {
	t := c.State().NewTable(0, 0)
	for _, f := range figures(c) {
		t.SetInt(int(f.handle), vm.Number(float64(f.bytes)))
	}
	return c.Return(t.Value())
}

func dump(c *vm.Call) error {
	svc := host.ServiceOf(c)
	total := int64(0)
	for _, f := range figures(c) {
		total += f.bytes
		svc.Host().Logf(svc.Address(), "%s -> %d", f.handle, f.bytes)
	}
	svc.Host().Logf(svc.Address(), "+total: %dkb", total>>10)
	return nil
}

func dumpInfo(c *vm.Call) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	svc := host.ServiceOf(c)
	svc.Host().Log(svc.Address(), fmt.Sprintf(
		"heap %d bytes in %d objects, stacks %d bytes, from the system %d bytes, %d collections, %d goroutines",
		m.HeapAlloc, m.HeapObjects, m.StackInuse, m.Sys, m.NumGC, runtime.NumGoroutine()))
	return nil
}

func jestat(c *vm.Call) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t := c.State().NewTable(0, 6)
	for name, n := range map[string]uint64{
		"stats.allocated": m.HeapAlloc,
		"stats.active":    m.HeapInuse,
		"stats.mapped":    m.HeapSys,
		"stats.resident":  m.Sys - m.HeapReleased,
		"stats.retained":  m.HeapReleased,
		"opt.narenas":     0,
	} {
		t.SetString(name, vm.Number(float64(n)))
	}
	return c.Return(t.Value())
}
