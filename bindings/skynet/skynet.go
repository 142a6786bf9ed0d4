// Package skynet implements the Lua modules skynet, skynet.manager and skynet.core. What they offer is declared in
// module.go.
package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// instance is what the modules keep for a service. It receives the service's messages.
type instance struct {
	service *host.Service
	args    []vm.Value

	lua       protocol    // the protocol that most messages have
	protocols []*protocol // the others

	require vm.Value // the function that the standard library made
	loading map[string]*loading
	loads   map[*vm.Thread]*loading // the innermost of each coroutine

	unknownRequest  vm.Value
	unknownResponse vm.Value
	info            vm.Value
	callback        vm.Value               // of skynet.core
	filter          vm.Value               // of filter
	forward         *vm.Table              // of forward_type
	traceID         int                    // of the last tag
	announced       map[host.Handle]string // tags of requests that are to come, by source
	timeouts        map[*vm.Thread]string  // where those that have not begun were made; nil: that is not recorded
	unnamed         map[int]string         // requests to names that nobody had, by session
	requests        *vm.Table              // the metatable of what request makes
}

type instanceKey struct{}

func instanceOf(s *host.Service) *instance {
	return s.Local(instanceKey{}, func() any {
		in := &instance{service: s}
		in.lua = protocol{name: "lua", id: host.TypeLua}
		in.protocols = []*protocol{{name: "response", id: host.TypeResponse}, {name: "error", id: host.TypeError}, {name: "debug", id: host.TypeDebug}}
		return in
	}).(*instance)
}

// of returns the instance of the service that calls.
func of(c *vm.Call) *instance { return instanceOf(host.ServiceOf(c)) }

// open has require do what skynet's modules rely on, when the service requires skynet first.
func (in *instance) open() {
	g := in.service.State().Globals()
	in.require = g.GetString("require")
	g.SetString("require", requireFunction)
}
