package host

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/luahost/luahost/vm"
)

// The module reload, for scripts:
//
//	once(key, f)      the value that f gave when it was first called with this key in this file
//	state(key, init)  the same for a value: what the program makes of it outlives all reloads
//	const(v)          v, and the variable or field that it is assigned to follows the source, whatever the program did to it
//	never()           at load time: the service must be restarted to take a change of this file
//	on(f)             calls f with {type=, generation=, reason=, result=, message=, modules=} when a reload begins, and when it has ended
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

// event is what functions given to reload.on are told.
type event struct {
	kind, result, message, reason string
	generation                    int
	modules                       []string
}

// tell calls the functions given to reload.on.
func (s *Service) tell(e event) {
	list, ok := s.state.Registry().GetString("luahost.reload.listeners").AsTable()
	if !ok {
		return
	}
	for i := 1; i <= list.Len(); i++ {
		ev := s.state.NewTable(0, 6)
		ev.SetString("type", vm.String(e.kind))
		ev.SetString("generation", vm.Int(e.generation))
		ev.SetString("reason", vm.String(e.reason))
		ev.SetString("result", vm.String(e.result))
		ev.SetString("message", vm.String(e.message))
		modules := s.state.NewTable(len(e.modules), 0)
		for j, m := range e.modules {
			modules.SetInt(j+1, vm.String(m))
		}
		ev.SetString("modules", modules.Value())
		s.Go(list.GetInt(i), ev.Value())
	}
}

// tellAll tells the scripts that listen.
func (h *Host) tellAll(e event) {
	for _, s := range h.Services() {
		s.Post(func(s *Service) {
			if s.state != nil && !s.exiting {
				s.tell(e)
			}
		})
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
	if !h.runs() {
		return nil
	}
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

// begins tells that a reload has found something to apply.
func (op *operation) begins() {
	r := op.report
	if r.DryRun || op.linesOnly {
		return
	}
	op.host.tellAll(event{
		kind: "reload.start", generation: op.generation, reason: r.Reason, modules: r.modules(), message: r.Reason + ": " + r.changes(),
	})
}

// announce tells of the outcome whoever listens, and then the log or who stands in its place: whoever has read of a reload
// finds it counted.
func (h *Host) announce(op *operation) {
	r := op.report
	h.reports.tell(r)
	if h.options.onReload != nil {
		h.options.onReload(r)
	}
	if r.DryRun || r.Result == ReloadUnchanged {
		return
	}
	if h.options.onReload == nil {
		h.Logf(0, "%s", strings.TrimSuffix(r.Text(false), "\n"))
	}
	kind := map[ReloadResult]string{ReloadOK: "reload.ok", ReloadRejected: "reload.rejected", ReloadRolledBack: "reload.rolled_back"}[r.Result]
	if r.Reason == reasonAuto && r.Result == ReloadOK {
		kind = "reload.rolled_back"
	}
	h.tellAll(event{kind: kind, generation: r.Generation, reason: r.Reason, result: string(r.Result), modules: r.modules(), message: r.Line()})
}

// reports is who is told of reloads.
type reports struct {
	mu   sync.Mutex
	list []*func(*Reload)
}

// OnReload has f called with the report of each reload, on the goroutine that did it, until stop is called.
func (h *Host) OnReload(f func(*Reload)) (stop func()) {
	h.reports.mu.Lock()
	defer h.reports.mu.Unlock()
	h.reports.list = append(h.reports.list, &f)
	return func() {
		h.reports.mu.Lock()
		defer h.reports.mu.Unlock()
		h.reports.list = slices.DeleteFunc(h.reports.list, func(g *func(*Reload)) bool { return g == &f })
	}
}

func (l *reports) tell(r *Reload) {
	l.mu.Lock()
	list := slices.Clone(l.list)
	l.mu.Unlock()
	for _, f := range list {
		(*f)(r)
	}
}

// WithStrictReload makes all reloads strict: see ReloadOptions.Strict.
func WithStrictReload() Option {
	return func(o *options) error {
		o.strict = true
		return nil
	}
}

// WithOnReload has f called with the report of each reload, on the goroutine that did it, in place of the log.
func WithOnReload(f func(*Reload)) Option {
	return func(o *options) error {
		if f == nil {
			return fmt.Errorf("WithOnReload: no function")
		}
		o.onReload = f
		return nil
	}
}
