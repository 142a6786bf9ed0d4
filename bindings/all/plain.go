package all

import (
	"io"

	"github.com/luahost/luahost/bindings/client"
	"github.com/luahost/luahost/bindings/crypt"
	"github.com/luahost/luahost/bindings/lpeg"
	"github.com/luahost/luahost/bindings/sproto"
	"github.com/luahost/luahost/vm"
)

// Preload gives a plain Lua program, without a service around it, the modules that clients of skynet's servers use:
// client.socket, client.crypt, lpeg and sproto. end closes what the program leaves open.
func Preload(s *vm.State, stdin io.Reader) (end func()) {
	packages, _ := s.Globals().GetString("package").AsTable()
	preload, _ := packages.GetString("preload").AsTable()
	add := func(name string, open func() vm.Value) {
		preload.SetString(name, vm.Function("open "+name, func(c *vm.Call) error { return c.Return(open()) }))
	}
	var ends []func()
	for _, name := range client.Names() {
		add(name, func() vm.Value {
			module, closed := client.Open(s, stdin)
			ends = append(ends, closed)
			return module
		})
	}
	for _, m := range crypt.Modules() {
		add(m.Name, func() vm.Value { return crypt.Open(s) })
	}
	for _, openers := range []map[string]func(*vm.State) vm.Value{lpeg.Openers(), sproto.Openers()} {
		for name, open := range openers {
			add(name, func() vm.Value { return open(s) })
		}
	}
	return func() {
		for _, f := range ends {
			f()
		}
	}
}
