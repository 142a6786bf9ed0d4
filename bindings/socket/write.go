package socket

import "github.com/luahost/luahost/vm"

// write(id, data [, size])
func write(c *vm.Call) error { return send(c, false) }

// lwrite(id, data [, size])
func lwrite(c *vm.Call) error { return send(c, true) }

func send(c *vm.Call, low bool) error {
	s := find(c)
	data, err := text(c, 2)
	if err != nil {
		return err
	}
	return c.Return(vm.Bool(s != nil && s.Write(data, low)))
}

// warning(id, f)
func warning(c *vm.Call) error {
	e, err := started(c)
	if err != nil {
		return err
	}
	e.onWarning = c.Arg(2)
	return nil
}
