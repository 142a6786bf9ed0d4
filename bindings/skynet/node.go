package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// In a node the services launcher and service_mgr start services, as in skynet; elsewhere the host does.

const (
	launcherName = ".launcher"
	managerName  = ".service"
	slaveName    = ".cslave" // keeps the names of the network
)

// askNode calls the service that does something for the node. ok is false when there is none; else err ends the function.
func (in *instance) askNode(c *vm.Call, name string, k func(*vm.Call, host.Reply) error, command ...vm.Value) (ok bool, err error) {
	a, ok := in.service.Host().Lookup(name)
	if !ok || a == in.service.Address() {
		return false, nil
	}
	data, err := in.service.Pack(command)
	if err != nil {
		return true, err
	}
	return true, in.request(c, destination{handle: a}, &in.lua, data, k)
}

// newServiceInNode is newservice by the node's launcher.
func (in *instance) newServiceInNode(c *vm.Call) (ok bool, err error) {
	command := append([]vm.Value{vm.String("LAUNCH"), vm.String("snlua")}, c.Args()...)
	return in.askNode(c, launcherName, answered, command...)
}

// findUniqueInNode is uniqueservice and queryservice by the node's service_mgr.
func (in *instance) findUniqueInNode(c *vm.Call, mayLaunch bool) (ok bool, err error) {
	command, first := "QUERY", 1
	if mayLaunch {
		command = "LAUNCH"
	}
	if global, _ := c.Arg(1).AsBool(); global {
		command, first = "G"+command, 2
	}
	c.CheckString(first)
	return in.askNode(c, managerName, found, append([]vm.Value{vm.String(command)}, c.Args()[first-1:]...)...)
}

// found returns the address that service_mgr has found, or raises the error that it tells of behind a nil.
func found(c *vm.Call, r host.Reply) error {
	if err := answered(c, r); err != nil {
		return err
	}
	values := c.Results()
	if len(values) > 0 && values[0].Truthy() {
		return nil
	}
	if len(values) > 1 {
		return vm.NewError(values[1])
	}
	return c.Errorf("assertion failed!")
}

// tell sends a command to a service of the node, if it is there.
func (in *instance) tell(name string, command ...any) {
	tell(in.service.Host(), name, in.service.Address(), command...)
}

// tellLauncher sends the node's launcher a command in the name of a service.
func tellLauncher(h *host.Host, source host.Handle, command ...any) {
	tell(h, launcherName, source, command...)
}

func tell(h *host.Host, name string, source host.Handle, command ...any) {
	a, ok := h.Lookup(name)
	if !ok || a == source {
		return
	}
	if data, err := host.PackAny(command...); err == nil {
		h.Post(a, host.Message{Type: host.TypeLua, Source: source, Data: data})
	}
}

// monitorKey is where a host keeps the address of the service that is told of the end of others.
type monitorKey struct{}

type monitored struct{ handle host.Handle }

// WatchServices has the launcher of a node told of services that end, and the monitor. It is called once for a host.
func WatchServices(h *host.Host) {
	h.OnEnd(func(s *host.Service) {
		if s.FailedToStart() {
			tellLauncher(h, s.Address(), "ERROR")
		}
		tellLauncher(h, s.Address(), "REMOVE", int(s.Address()), s.Killed())
		m := h.Local(monitorKey{}, func() any { return &monitored{} }).(*monitored)
		if a := m.handle; a != 0 {
			h.Post(a, host.Message{Type: host.TypeClient, Source: s.Address()})
		}
	})
}

// launchLine starts a service by a command line: "snlua name args". It returns 0 when it can't.
func launchLine(s *host.Service, line []string, text string) host.Handle {
	h := s.Host()
	switch {
	case len(line) > 1 && line[0] == "snlua":
		v, err := h.Launch(line[1], line[2:], func(a host.Handle, err error) {
			if err == nil && a != 0 {
				tellLauncher(h, a, "LAUNCHOK")
			}
		})
		if err == nil {
			return v.Address()
		}
		h.Logf(s.Address(), "launch: %v", err)
	case len(line) > 0 && native[line[0]] != nil:
		v, err := h.AddService(line[0], line[1:], func(s *host.Service) error { return native[line[0]](s, line[1:]) })
		if err == nil {
			return v.Address()
		}
	default:
		h.Logf(s.Address(), "launch: %s: what can be launched is snlua NAME, for services in Lua, gate, harbor and logger", text)
	}
	return 0
}

// native are the services that are written in C in skynet, by name.
var native = map[string]func(s *host.Service, args []string) error{"gate": openGate, "harbor": openHarbor, "logger": openLogger}

// monitor(name [, query]): messages of type client tell the service of that name who has ended.
func monitor(c *vm.Call) error {
	find := vm.Function("skynet.uniqueservice", uniqueService)
	if c.Arg(2).Truthy() {
		find = vm.Function("skynet.queryservice", queryService)
	}
	return c.CallThen(func(c *vm.Call) error {
		setMonitor(c, host.Handle(c.CheckInt(1)))
		return c.ReturnArgs(1)
	}, find, vm.Bool(true), c.Arg(1))
}

func setMonitor(c *vm.Call, a host.Handle) {
	h := host.ServiceOf(c).Host()
	h.Local(monitorKey{}, func() any { return &monitored{} }).(*monitored).handle = a
}

// forward_type(map, f): messages of the types that are keys of map are handled as those of the types that are its values.
func forwardType(c *vm.Call) error {
	in := of(c)
	in.forward = c.CheckTable(1)
	return c.TailCall(vm.Function("skynet.start", start), c.CheckFunction(2))
}

// forwarded returns the type that messages of a type are handled as.
func (in *instance) forwarded(t host.MessageType) host.MessageType {
	if f, ok := in.forward.GetInt(int(t)).AsNumber(); ok {
		return host.MessageType(f)
	}
	return t
}

// filter(f, start): f(type, msg, sz, session, source) returns the message that is handled instead, also of answers.
func filter(c *vm.Call) error {
	in := of(c)
	in.filter = c.CheckFunction(1)
	in.service.SetFilter(in.filtered)
	return c.TailCall(vm.Function("skynet.start", start), c.CheckFunction(2))
}

// filtered returns what a message becomes by filter; ok is false when that fails.
func (in *instance) filtered(m host.Message) (host.Message, bool) {
	s := in.service
	r, err := s.State().Current().Call(in.filter, vm.Int(int(m.Type)), s.MessageBlock(), vm.Int(len(m.Data)), vm.Int(m.Session), vm.Int(int(m.Source)))
	if err != nil {
		s.Fault("%s", in.describe(err))
		s.Refuse(m)
		return m, false
	}
	number := func(i int) int {
		if i < len(r) {
			f, _ := r[i].AsNumber()
			return int(f)
		}
		return 0
	}
	out := host.Message{Type: host.MessageType(number(0)), Session: number(3), Source: host.Handle(number(4))}
	if len(r) > 1 {
		if text, ok := r[1].AsString(); ok {
			out.Data = []byte(text)
		} else if data, ok := s.Host().TakeBlock(r[1]); ok {
			out.Data = data[:min(max(number(2), 0), len(data))]
		}
	}
	return out, true
}

// debugDispatch handles messages of type debug by the module skynet.debug, which it loads.
func debugDispatch(c *vm.Call) error {
	in := of(c)
	args := append([]vm.Value(nil), c.Args()...)
	return c.CallThen(func(c *vm.Call) error {
		module, ok := c.Arg(1).AsTable()
		if !ok {
			return c.Errorf("module 'skynet.debug' is no table")
		}
		module.SetString("info_func", in.info)
		module.SetString("protocols", in.protocolNames(c.State()).Value())
		return c.TailCall(module.GetString("dispatch"), args...)
	}, c.State().Globals().GetString("require"), vm.String("skynet.debug"))
}

func dispatchMessage(c *vm.Call) error {
	in := of(c)
	m := host.Message{Type: host.MessageType(c.CheckInt(1)), Session: c.OptInt(4, 0), Source: host.Handle(c.OptInt(5, 0))}
	if !c.Arg(2).IsNil() {
		var err error
		if m.Data, err = in.message(c, c.Arg(2), c.Arg(3)); err != nil {
			return err
		}
	}
	in.service.Post(func(s *host.Service) { in.Receive(s, m) })
	return nil
}

func initService(c *vm.Call) error { return start(c) }

// named remembers a request to a name that nobody has, for term.
func (in *instance) named(name string, session int, k func(*vm.Call, host.Reply) error) func(*vm.Call, host.Reply) error {
	if in.unnamed == nil {
		in.unnamed = map[int]string{}
	}
	in.unnamed[session] = name
	return func(c *vm.Call, r host.Reply) error {
		delete(in.unnamed, session)
		return k(c, r)
	}
}
