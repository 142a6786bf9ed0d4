// Package memory implements skynet.memory: how much memory the process and its services take.
package memory

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	open := func(s *host.Service) (vm.Value, error) { return s.State().Open(library).Value(), nil }
	return []host.Module{{Name: "skynet.memory", Open: open}, {Name: "memory", Open: open}}
}

var library = vm.NewLibrary("memory", []*vm.GoFunction{
	vm.NewFunction("memory.total", func(c *vm.Call) error { return c.Return(read("/memory/classes/heap/objects:bytes")) }),
	vm.NewFunction("memory.block", func(c *vm.Call) error { return c.Return(read("/gc/heap/objects:objects")) }),
	vm.NewFunction("memory.current", current),
	vm.NewFunction("memory.info", info),
	vm.NewFunction("memory.dump", dump),
	vm.NewFunction("memory.dumpinfo", dumpInfo),
	vm.NewFunction("memory.jestat", jestat),
	vm.NewFunction("memory.mallctl", func(c *vm.Call) error { return c.Return(read(c.CheckString(1))) }),
	vm.NewFunction("memory.dumpheap", func(c *vm.Call) error {
		debug.FreeOSMemory()
		return nil
	}),
	vm.NewFunction("memory.profactive", func(c *vm.Call) error { return c.Return(vm.Bool(false)) }),
	vm.NewFunction("memory.ssinfo", jestat),
	vm.NewFunction("memory.ssexpand", func(*vm.Call) error { return nil }),
}, nil)

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

// current(): bytes of this service's values.
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

// info(): bytes by handle.
func info(c *vm.Call) error {
	t := c.State().NewTable(0, 0)
	for _, f := range figures(c) {
		t.SetInt(int(f.handle), vm.Number(float64(f.bytes)))
	}
	return c.Return(t.Value())
}

// dump(): logs the memory of each service.
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

// dumpinfo(): logs figures of the process.
func dumpInfo(c *vm.Call) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	svc := host.ServiceOf(c)
	svc.Host().Log(svc.Address(), fmt.Sprintf(
		"heap %d bytes in %d objects, stacks %d bytes, from the system %d bytes, %d collections, %d goroutines",
		m.HeapAlloc, m.HeapObjects, m.StackInuse, m.Sys, m.NumGC, runtime.NumGoroutine()))
	return nil
}

// jestat(): figures of the process under the names that jemalloc has for the like.
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
