// Package codecache implements skynet.codecache. The host compiles each source once, by its content: files that change
// are never served from the cache, so there is nothing to clear.
package codecache

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module.
func Modules() []host.Module {
	return []host.Module{{Name: "skynet.codecache", Open: func(s *host.Service) (vm.Value, error) {
		t := s.State().Open(library)
		t.SetString("loadfile", s.State().Globals().GetString("loadfile"))
		return t.Value(), nil
	}}}
}

var library = vm.NewLibrary("codecache", []*vm.GoFunction{
	vm.NewFunction("codecache.clear", func(*vm.Call) error { return nil }),
	vm.NewFunction("codecache.mode", mode),
}, nil)

// mode([mode]): the mode is always "ON".
func mode(c *vm.Call) error {
	switch m := c.OptString(1, "ON"); m {
	case "ON", "OFF", "EXIST":
		return c.Return(vm.String("ON"))
	default:
		return c.Errorf("Invalid mode %s", m)
	}
}
