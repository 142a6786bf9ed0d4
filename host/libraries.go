package host

import (
	"fmt"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// newLibraries makes the standard libraries as services see them.
func (h *Host) newLibraries() *lib.Set {
	return lib.New(lib.Options{
		Stdout: h.log,
		Stderr: h.log,
		Stdin:  h.options.stdin,
	})
}

// openModule makes the module that a service requires: once, when it first does.
func (s *Service) openModule(name string) (vm.Value, error) {
	m, ok := s.host.modules[name]
	if !ok {
		return vm.Value{}, fmt.Errorf("no module %q", name)
	}
	return m.Open(s)
}
