package skynet

import (
	"strings"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

func self(c *vm.Call) error { return c.Return(vm.Int(int(of(c).service.Address()))) }

func address(c *vm.Call) error {
	if f, ok := c.Arg(1).AsNumber(); ok {
		return c.Return(vm.String(host.Handle(uint32(int64(f))).String()))
	}
	return c.Return(vm.String(of(c).service.ToString(c.Arg(1))))
}

func localName(c *vm.Call) error {
	text := c.CheckString(1)
	a, ok := host.ParseHandle(text)
	if !ok {
		a, ok = of(c).service.Host().Lookup(text)
	}
	if !ok {
		return nil
	}
	return c.Return(vm.Int(int(a)))
}

// harbor(a) returns the number of the node, and whether it is another one.
func harbor(c *vm.Call) error {
	a := host.Handle(c.CheckInt(1))
	node := a >> 24
	own := of(c).service.Address() >> 24
	c.Push(vm.Int(int(node)), vm.Bool(node != 0 && node != own))
	return nil
}

// maxGlobalName is the longest name that skynet's network of nodes takes, in bytes.
const maxGlobalName = 15

func register(c *vm.Call) error {
	in := of(c)
	return in.give(c, in.service.Address())
}

func name(c *vm.Call) error {
	d, err := destinationOf(c, c.Arg(2))
	if err != nil {
		return err
	}
	in := of(c)
	a, ok := in.resolve(d)
	if !ok {
		return c.ArgError(2, "there is no service "+d.String())
	}
	return in.give(c, a)
}

// give gives a service the name of argument 1. As in skynet, a name that is taken stays where it is.
func (in *instance) give(c *vm.Call, a host.Handle) error {
	text := c.CheckString(1)
	_, number := vm.ToNumber(vm.String(text))
	switch {
	case text == "" || text[0] == ':':
		return c.ArgError(1, "not a name: "+text)
	case text[0] == '.':
	case len(text) > maxGlobalName:
		return c.ArgError(1, "a global name has at most 15 bytes: "+text)
	case number:
		return c.ArgError(1, "a global name can't be a number: "+text)
	}
	h := in.service.Host()
	h.Register(text, a)
	if text[0] != '.' {
		in.tell(slaveName, "REGISTER", text, int(a)) // as in skynet, nobody waits for that
	}
	return nil
}

// resolve finds the address behind a destination, if it is known.
func (in *instance) resolve(d destination) (host.Handle, bool) {
	if d.handle != 0 {
		return d.handle, true
	}
	if a, ok := host.ParseHandle(d.name); ok {
		return a, true
	}
	return in.service.Host().Lookup(d.name)
}

func logError(c *vm.Call) error {
	s := of(c).service
	if s.Quiet() {
		return nil
	}
	var text strings.Builder
	for i, v := range append([]vm.Value(nil), c.Args()...) {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(s.ToString(v))
	}
	if c.NArgs() == 0 {
		text.WriteString("nil")
	}
	s.Host().Log(s.Address(), text.String())
	return nil
}

func getEnv(c *vm.Call) error {
	if value, ok := of(c).service.Host().Getenv(c.CheckString(1)); ok {
		return c.Return(c.State().NewString(value))
	}
	return c.Return(vm.Nil())
}

func setEnv(c *vm.Call) error {
	key, value := c.CheckString(1), c.CheckString(2)
	s := of(c).service
	if s.OnTrial() {
		s.Begin("setenv", func([]vm.Value) { s.Host().Setenv(key, value) }, c.Arg(1))
		return nil
	}
	if !s.Host().Setenv(key, value) {
		return c.Errorf("Can't setenv exist key : %s", key)
	}
	return nil
}

func genID(c *vm.Call) error { return c.Return(vm.Int(of(c).service.NewSession())) }

func term(c *vm.Call) error {
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	in := of(c)
	if a, ok := in.resolve(d); ok {
		in.service.Disconnect(a)
	}
	for session, name := range in.unnamed {
		if name == d.name {
			in.service.FailRequest(session)
		}
	}
	return nil
}

func infoFunc(c *vm.Call) error {
	c.State().Assign(&of(c).info, c.CheckFunction(1))
	return nil
}

func stat(c *vm.Call) error {
	s := of(c).service
	waiting, handled, busy := s.Stat()
	switch c.CheckString(1) {
	case "mqlen":
		return c.Return(vm.Int(waiting))
	case "message":
		return c.Return(vm.Number(float64(handled)))
	case "cpu":
		return c.Return(vm.Number(seconds(busy)))
	case "time":
		return c.Return(vm.Number(seconds(s.Elapsed())))
	case "endless":
		if s.Endless() {
			return c.Return(vm.Int(1))
		}
	}
	return c.Return(vm.Int(0))
}

// seconds counts a time in whole microseconds, as skynet does.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

func mqLen(c *vm.Call) error {
	waiting, _, _ := of(c).service.Stat()
	return c.Return(vm.Int(waiting))
}

func endless(c *vm.Call) error { return c.Return(vm.Bool(of(c).service.Endless())) }

func memLimit(c *vm.Call) error {
	bytes := c.CheckInt(1)
	c.State().SetMemoryLimit(int64(bytes))
	s := of(c).service
	s.Host().Logf(s.Address(), "Set memory limit to %.2f M", float64(bytes)/(1<<20))
	return nil
}

func protectedCall(c *vm.Call) error {
	c.CheckAny(1)
	return c.PCall()
}
