package host

import (
	"context"
	"fmt"
	"time"

	"github.com/luahost/luahost/vm"
)

// The module reload, for scripts:
//
//	once(key, f)      the value that f gave when it was first called with this key in this file
//	state(key, init)  the same for a value: what the program makes of it outlives all reloads
//	const(v)          v, and the variable or field that it is assigned to follows the source, whatever the program did to it
//	never()           at load time: the service must be restarted to take a change of this file
//	on(f)             calls f with {type=, generation=, result=, message=} after each reload that concerned the service
//	generation()      of the service's code
func reloadModule() Module {
	library := vm.NewLibrary("reload", []*vm.GoFunction{
		vm.NewFunction("reload.once", reloadOnce),
		vm.NewFunction("reload.state", reloadState),
		vm.NewFunction("reload.const", func(c *vm.Call) error { return c.Return(c.CheckAny(1)) }),
		vm.NewFunction("reload.never", reloadNever),
		vm.NewFunction("reload.on", reloadOn),
		vm.NewFunction("reload.generation", func(c *vm.Call) error { return c.Return(vm.Int(ServiceOf(c).code.generation)) }),
	}, nil)
	return Module{Name: "reload", Open: func(s *Service) (vm.Value, error) {
		return s.state.Open(library).Value(), nil
	}}
}

// keptTable returns the registry's table of what reload.once and reload.state keep, of which fields are named by file and key.
func (s *Service) keptTable() *vm.Table {
	const field = "luahost.reload.kept"
	t, ok := s.state.Registry().GetString(field).AsTable()
	if !ok {
		t = s.state.NewTable(0, 0)
		s.state.Registry().SetString(field, t.Value())
	}
	return t
}

func callerFile(c *vm.Call) string {
	if f, ok := c.Thread().Frame(1); ok && f.Function().IsLuaFunction() {
		return f.Inspect().Source
	}
	return ""
}

func reloadOnce(c *vm.Call) error {
	kept, key := ServiceOf(c).keptTable(), callerFile(c)+"\x00"+c.CheckString(1)
	f := c.CheckFunction(2)
	if box, ok := kept.GetString(key).AsTable(); ok {
		return c.Return(box.GetInt(1))
	}
	return c.CallThen(func(c *vm.Call) error {
		kept.SetString(key, c.State().NewList(c.Arg(1)).Value())
		return c.Return(c.Arg(1))
	}, f)
}

func reloadState(c *vm.Call) error {
	if c.Arg(2).IsFunction() {
		return reloadOnce(c)
	}
	kept, key := ServiceOf(c).keptTable(), callerFile(c)+"\x00"+c.CheckString(1)
	if box, ok := kept.GetString(key).AsTable(); ok {
		return c.Return(box.GetInt(1))
	}
	init := c.Arg(2)
	if init.IsNil() {
		init = c.State().NewTable(0, 0).Value()
	}
	kept.SetString(key, c.State().NewList(init).Value())
	return c.Return(init)
}

func reloadNever(c *vm.Call) error {
	if t := ServiceOf(c).code.trial; t != nil && t.stage == vm.StageLoad {
		t.never = callerFile(c)
	}
	return nil
}

func reloadOn(c *vm.Call) error {
	const field = "luahost.reload.listeners"
	f := c.CheckFunction(1)
	s := c.State()
	list, ok := s.Registry().GetString(field).AsTable()
	if !ok {
		list = s.NewTable(0, 0)
		s.Registry().SetString(field, list.Value())
	}
	list.SetInt(list.Len()+1, f)
	return nil
}

// tell calls the functions given to reload.on.
func (s *Service) tell(kind string, r *Reload) {
	list, ok := s.state.Registry().GetString("luahost.reload.listeners").AsTable()
	if !ok {
		return
	}
	for i := 1; i <= list.Len(); i++ {
		ev := s.state.NewTable(0, 4)
		ev.SetString("type", vm.String(kind))
		ev.SetString("generation", vm.Int(r.Generation))
		ev.SetString("result", vm.String(string(r.Result)))
		ev.SetString("message", vm.String(r.Line()))
		s.Go(list.GetInt(i), ev.Value())
	}
}

// packageReload is package.reload(name | {names} [, options]): it asks for a reload and returns at once. The reload takes
// place between two messages, never inside the function that asked for it.
func packageReload(c *vm.Call) error {
	s := ServiceOf(c)
	var o ReloadOptions
	if t, ok := c.Arg(1).AsTable(); ok {
		for i := 1; i <= t.Len(); i++ {
			o.Modules = append(o.Modules, vm.Text(t.GetInt(i)))
		}
	} else if !c.Arg(1).IsNil() {
		o.Modules = []string{c.CheckString(1)}
	}
	if t, ok := c.Arg(2).AsTable(); ok {
		o.DryRun = t.GetString("dry_run").Truthy()
		o.Barrier = t.GetString("barrier").Truthy()
		o.Strict = t.GetString("strict").Truthy()
		if t.GetString("only_here").Truthy() {
			o.Service = s.handle.String()
		}
	}
	if err := s.Forbid(c, "package.reload"); err != nil {
		return err
	}
	h := s.host
	h.running.Add(1)
	go func() {
		defer h.running.Done()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := h.Reload(ctx, o); err != nil {
			h.Logf(s.handle, "reload: %v", err)
		}
	}()
	return nil
}

// announce writes the outcome to the log and tells the scripts that listen.
func (h *Host) announce(op *operation) {
	r := op.report
	if f := h.options.onReload; f != nil {
		f(r)
	}
	if r.DryRun || r.Result == ReloadUnchanged {
		return
	}
	kind := map[ReloadResult]string{ReloadOK: "reload.ok", ReloadRejected: "reload.rejected", ReloadRolledBack: "reload.rolled_back"}[r.Result]
	for _, s := range h.Services() {
		s.Post(func(s *Service) {
			if s.state != nil && !s.exiting {
				s.tell(kind, r)
			}
		})
	}
}

// WithOnReload has f called with the report of each reload, on the goroutine that did it.
func WithOnReload(f func(*Reload)) Option {
	return func(o *options) error {
		if f == nil {
			return fmt.Errorf("WithOnReload: no function")
		}
		o.onReload = f
		return nil
	}
}
