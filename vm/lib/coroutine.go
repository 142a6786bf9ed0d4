package lib

import "github.com/luahost/luahost/vm"

// coroutineLibrary makes the library coroutine (Lua 5.2 manual, section 6.2; isyieldable is that of 5.3, close that of 5.4).
func coroutineLibrary() *vm.Library {
	return vm.NewLibrary("coroutine", []*vm.GoFunction{
		vm.NewFunction("coroutine.close", coroutineClose),
		vm.NewFunction("coroutine.create", coroutineCreate),
		vm.NewFunction("coroutine.isyieldable", coroutineIsYieldable),
		vm.NewFunction("coroutine.resume", coroutineResume),
		vm.NewFunction("coroutine.running", coroutineRunning),
		vm.NewFunction("coroutine.status", coroutineStatus),
		vm.NewFunction("coroutine.wrap", coroutineWrap),
		vm.NewFunction("coroutine.yield", coroutineYield),
	}, nil)
}

func coroutineCreate(c *vm.Call) error {
	return c.Return(c.State().NewThread(c.CheckFunction(1)).Value())
}

func coroutineWrap(c *vm.Call) error {
	co := c.State().NewThread(c.CheckFunction(1))
	return c.Return(vm.FunctionHolding("coroutine.wrap", func(c *vm.Call) error { return c.ResumeThread(co, 1, true) }, co.Value()))
}

func coroutineResume(c *vm.Call) error { return c.ResumeThread(c.CheckThread(1), 2, false) }

func coroutineYield(c *vm.Call) error { return c.Yield(nil, 1) }

func coroutineStatus(c *vm.Call) error {
	return c.Return(statusNames[c.CheckThread(1).Status()])
}

var statusNames = [...]vm.Value{
	vm.StatusSuspended: vm.String(vm.StatusSuspended.String()),
	vm.StatusRunning:   vm.String(vm.StatusRunning.String()),
	vm.StatusNormal:    vm.String(vm.StatusNormal.String()),
	vm.StatusDead:      vm.String(vm.StatusDead.String()),
}

func coroutineRunning(c *vm.Call) error {
	t := c.Thread()
	c.Push(t.Value(), vm.Bool(t == c.State().Main()))
	return nil
}

func coroutineIsYieldable(c *vm.Call) error { return c.Return(vm.Bool(c.CanYield())) }

// coroutineClose ends a coroutine that is suspended; of one that has failed it tells the error.
func coroutineClose(c *vm.Call) error {
	co := c.CheckThread(1)
	switch status := co.Status(); status {
	case vm.StatusRunning, vm.StatusNormal:
		return c.Errorf("cannot close a %s coroutine", status)
	}
	failure := co.Failure()
	co.Kill()
	if failure != nil {
		c.Push(vm.Bool(false), failure.Value)
		return nil
	}
	return c.Return(vm.Bool(true))
}
