package websocket_test

import (
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// miniSkynet has the few functions of module skynet that scripts of these tests call.
var miniSkynet = vm.NewLibrary("skynet", []*vm.GoFunction{
	vm.NewFunction("skynet.start", func(c *vm.Call) error {
		host.ServiceOf(c).Start(c.CheckFunction(1))
		return nil
	}),
	vm.NewFunction("skynet.sleep", func(c *vm.Call) error {
		s := host.ServiceOf(c)
		session := s.NewSession()
		s.After(int64(c.CheckInt(1)), session)
		return s.Suspend(c, session, nil)
	}),
	vm.NewFunction("skynet.fork", func(c *vm.Call) error {
		host.ServiceOf(c).Fork(c.CheckFunction(1), c.Args()[1:]...)
		return nil
	}),
	vm.NewFunction("skynet.exit", func(c *vm.Call) error { return host.ServiceOf(c).Exit(c) }),
	vm.NewFunction("skynet.getenv", func(c *vm.Call) error {
		if v, ok := host.ServiceOf(c).Host().Getenv(c.CheckString(1)); ok {
			return c.Return(vm.String(v))
		}
		return c.Return(vm.Nil())
	}),
	vm.NewFunction("skynet.error", func(c *vm.Call) error {
		s := host.ServiceOf(c)
		var parts []string
		for _, v := range c.Args() {
			parts = append(parts, s.ToString(v))
		}
		s.Host().Log(s.Address(), strings.Join(parts, " "))
		return nil
	}),
}, nil)

func skynetModule() host.Module {
	return host.Module{Name: "skynet", Open: func(s *host.Service) (vm.Value, error) {
		return s.State().Open(miniSkynet).Value(), nil
	}}
}
