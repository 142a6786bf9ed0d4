// Package codecache implements skynet.codecache. The host compiles each source once, by its content: files that change
// are never served from the cache, so there is nothing to clear.
package codecache

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module.
func Modules() []host.Module {
	return module.New("skynet.codecache", "Compiled code, which services share. It is looked up by content: there is nothing to clear.").
		Func("clear()", func() {}, "Does nothing: changed files are compiled anew without it.").
		Func(`mode(mode?: "ON"|"OFF"|"EXIST") -> mode: string`, mode, "Returns \"ON\", whatever is asked for.").
		Field("loadfile", "fun(file: string): function?, string?", "the global function").
		OnOpen(func(s *host.Service, t *vm.Table) error {
			t.SetString("loadfile", s.State().Globals().GetString("loadfile"))
			return nil
		}).
		Modules()
}

// mode checks the mode that is asked for; the mode is always "ON".
func mode(c *vm.Call) error {
	switch m := c.OptString(1, "ON"); m {
	case "ON", "OFF", "EXIST":
		return c.Return(vm.String("ON"))
	default:
		return c.Errorf("Invalid mode %s", m)
	}
}
