package module

import (
	"reflect"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// provider makes a parameter that doesn't come from Lua.
type provider struct {
	typ  reflect.Type
	open func(s *host.Service) (any, error)
	get  func(c *vm.Call) any
	fast func(f any, optional []bool) vm.Func
}

// Instance has the module keep a T for each service: open makes it when the service first requires the module, and
// functions of the module that have a parameter of type T get it. What must be released when the service ends, open
// registers by s.OnExit. The result is how functions of type func(*vm.Call) error get theirs.
func Instance[T any](m *Module, open func(s *host.Service) (T, error)) func(c *vm.Call) T {
	get := func(c *vm.Call) T {
		v, ok := m.local(service(c)).instance.(T)
		if !ok {
			panic(c.Errorf("module %s is not open in this service", m.decl.Name))
		}
		return v
	}
	if m.converters.instance != nil {
		m.fail("it has two instances")
	}
	m.converters.instance = provide(get)
	m.converters.instance.open = func(s *host.Service) (any, error) { return open(s) }
	return get
}

func provide[T any](get func(c *vm.Call) T) *provider {
	self := arg[T]{func(c *vm.Call, _ int) T { return get(c) }, 0}
	return &provider{
		typ:  reflect.TypeFor[T](),
		get:  func(c *vm.Call) any { return get(c) },
		fast: func(f any, optional []bool) vm.Func { return fastWith(f, self, optional, 0) },
	}
}

// service returns the service that calls; it panics with a Lua error where there is none.
func service(c *vm.Call) *host.Service {
	s := host.ServiceOf(c)
	if s == nil {
		panic(c.Errorf("this function needs a service"))
	}
	return s
}
