// Package profile implements skynet.profile: how long a coroutine runs, without the time that it waits.
package profile

import (
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	open := func(s *host.Service) (vm.Value, error) { return s.State().Open(library).Value(), nil }
	return []host.Module{{Name: "skynet.profile", Open: open}, {Name: "profile", Open: open}}
}

var library = vm.NewLibrary("profile", []*vm.GoFunction{
	vm.NewFunction("profile.start", start),
	vm.NewFunction("profile.stop", stop),
	vm.NewFunction("profile.resume", resume),
	vm.NewFunction("profile.resume_co", resume),
	vm.NewFunction("profile.yield", yield),
	vm.NewFunction("profile.yield_co", yield),
	vm.NewFunction("profile.wrap", wrap),
}, nil)

// watches are the measurements of a service that are going on, by coroutine.
type watches map[*vm.Thread]watch

type watch struct {
	task  *host.Task
	since time.Duration // the task's running time at the start
}

type watchesKey struct{}

func watchesIn(c *vm.Call) watches {
	return host.ServiceOf(c).Local(watchesKey{}, func() any { return watches{} }).(watches)
}

func target(c *vm.Call) *vm.Thread {
	if c.Arg(1).IsNil() {
		return c.Thread()
	}
	return c.CheckThread(1)
}

// start([coroutine])
func start(c *vm.Call) error {
	w, co := watchesIn(c), target(c)
	if _, running := w[co]; running {
		return c.Errorf("Thread %s start profile more than once", vm.Text(co.Value()))
	}
	t := host.ServiceOf(c).Current()
	if t == nil {
		return c.Errorf("profile.start needs a running task")
	}
	w[co] = watch{t, t.Measure()}
	return nil
}

// stop([coroutine]): seconds.
func stop(c *vm.Call) error {
	w, co := watchesIn(c), target(c)
	began, running := w[co]
	if !running {
		return c.Errorf("Call profile.start() before profile.stop()")
	}
	delete(w, co)
	return c.Return(vm.Number((began.task.Measure() - began.since).Seconds()))
}

func resume(c *vm.Call) error { return c.ResumeThread(c.CheckThread(1), 2, false) }

func yield(c *vm.Call) error { return c.Yield(nil, 1) }

func wrap(c *vm.Call) error {
	co := c.State().NewThread(c.CheckFunction(1))
	return c.Return(vm.Function("profile.wrap", func(c *vm.Call) error { return c.ResumeThread(co, 1, true) }))
}
