// Package profile implements skynet.profile: how long a coroutine runs, without the time that it waits.
package profile

import (
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	return module.New("skynet.profile", "The time that a coroutine computes. The task's whole computing counts, whichever of its coroutines does it; waiting does not.").
		Func("start(co?: thread)", start, "Starts to measure a coroutine, the running one when none is given.").
		Func("stop(co?: thread) -> seconds: number", stop, "Ends the measuring, and returns the seconds since start.").
		Func("resume(co: thread, ...: any) -> ok: boolean, ...: any", resume, "Is coroutine.resume.").
		Func("resume_co(co: thread, ...: any) -> ok: boolean, ...: any", resume, "Is coroutine.resume.").
		Func("yield(...: any) -> ...: any", yield, "Is coroutine.yield.").
		Func("yield_co(...: any) -> ...: any", yield, "Is coroutine.yield.").
		Func("wrap(f: function) -> f: function", wrap, "Is coroutine.wrap.").
		Modules("profile")
}

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
