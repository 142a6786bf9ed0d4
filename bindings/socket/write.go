package socket

import (
	"fmt"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// write(id, data [, size])
func write(c *vm.Call) error { return send(c, false) }

// lwrite(id, data [, size])
func lwrite(c *vm.Call) error { return send(c, true) }

func send(c *vm.Call, low bool) error {
	s := find(c)
	data, err := bytesOf(c, 2)
	if err != nil {
		return err
	}
	return c.Return(vm.Bool(s != nil && s.Write(data, low)))
}

// bytesOf returns argument i in the forms that write takes: a string, a number, a list of strings, or what skynet.pack
// returns (a light userdata and a size), which is used up.
func bytesOf(c *vm.Call, i int) ([]byte, error) {
	switch c.Arg(i).Kind() {
	case vm.KindTable:
		return join(c, i)
	case vm.KindLightUserdata:
		return packed(c, i)
	}
	return vm.StringBytes(c.CheckString(i)), nil
}

func join(c *vm.Call, i int) ([]byte, error) {
	t := c.CheckTable(i)
	var b []byte
	for n := 1; n <= t.Len(); n++ {
		s, ok := vm.ToString(t.GetInt(n))
		if !ok {
			return nil, c.ArgError(i, "Invalid strings table")
		}
		b = append(b, s...)
	}
	return b, nil
}

func packed(c *vm.Call, i int) ([]byte, error) {
	data, ok := host.ServiceOf(c).Host().TakeBlock(c.Arg(i))
	if !ok {
		return nil, c.ArgError(i, "not what skynet.pack returned, or used up")
	}
	size := c.OptInt(i+1, len(data))
	if size < 0 || size > len(data) {
		return nil, c.ArgError(i+1, fmt.Sprintf("size of 0 to %d expected", len(data)))
	}
	return data[:size], nil
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
