package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// loading is a module that a task is loading. Its code may wait; other tasks that require it wait for it.
type loading struct {
	in      *instance
	name    string
	thread  *vm.Thread
	outer   *loading   // the module whose code requires this one
	inits   []vm.Value // given to init by the module's code
	value   vm.Value
	waiting []int // sessions
}

// requireFunction is require in a service: a module's code may wait, and it is loaded once whoever asks for it meanwhile.
var requireFunction = vm.Function("require", require)

func require(c *vm.Call) error {
	in := of(c)
	name := c.CheckString(1)
	if !in.service.CanWait(c) || c.State().Module(name).Truthy() {
		return c.TailCall(in.require, c.Args()...)
	}
	if l := in.loading[name]; l != nil {
		return l.wait(c)
	}
	if in.loading == nil {
		in.loading, in.loads = map[string]*loading{}, map[*vm.Thread]*loading{}
	}
	l := &loading{in: in, name: name, thread: c.Thread(), outer: in.loads[c.Thread()]}
	in.loading[name], in.loads[l.thread] = l, l
	return c.ProtectedCall(l.loaded, in.require, vm.String(name))
}

// wait waits until another task has loaded the module.
func (l *loading) wait(c *vm.Call) error {
	if l.thread == c.Thread() {
		return c.Errorf("circular dependency: module '%s' is required while it is being loaded", l.name)
	}
	s := l.in.service
	session := s.NewSession()
	l.waiting = append(l.waiting, session)
	return s.Wait(c, session, func(c *vm.Call, _ host.Reply) error {
		if v := c.State().Module(l.name); v.Truthy() {
			return c.Return(v)
		}
		return c.Errorf("require %s failed", l.name)
	})
}

// loaded goes on when the module's code has run: its arguments are what pcall gives.
func (l *loading) loaded(c *vm.Call) error {
	l.value = c.Arg(2)
	return l.initialized(c)
}

// initialized runs the next of the functions that the module's code gave to init.
func (l *loading) initialized(c *vm.Call) error {
	if !c.Arg(1).Truthy() {
		l.end()
		return vm.NewError(c.Arg(2))
	}
	if len(l.inits) == 0 {
		l.end()
		return c.Return(l.value)
	}
	f := l.inits[0]
	l.inits = l.inits[1:]
	return c.ProtectedCall(l.initialized, f)
}

func (l *loading) end() {
	delete(l.in.loading, l.name)
	if l.outer != nil {
		l.in.loads[l.thread] = l.outer
	} else {
		delete(l.in.loads, l.thread)
	}
	for _, session := range l.waiting {
		l.in.service.Deliver(session, nil)
	}
}

// init(f)
func initialize(c *vm.Call) error {
	in := of(c)
	f := c.CheckFunction(1)
	if in.service.OnTrial() {
		return nil // what was to be done at the start has been done
	}
	if l := in.loads[c.Thread()]; l != nil {
		l.inits = append(l.inits, f)
		return nil
	}
	if t := in.service.Current(); t == nil || t.Main() {
		in.service.BeforeStart(f)
		return nil
	}
	return c.TailCall(f) // the service has started, and nothing is being loaded
}
