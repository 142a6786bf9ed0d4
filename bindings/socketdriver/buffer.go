package socketdriver

import (
	"bytes"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// buffer collects what a socket has received, for a service that reads by itself. skynet keeps used nodes in a table that
// scripts pass to each function; that table is checked here, and otherwise not needed.
type buffer struct {
	bytes.Buffer
	seen int // how much was searched for the separator of a line
}

func addBuffers(m *module.Module) *module.Module {
	return m.Func("buffer() -> buffer: userdata", newBuffer, "Makes a buffer for what a socket receives.").
		Func("push(buffer: userdata, pool: table, msg: lightuserdata, size: integer) -> unread: integer", push,
			"Adds the bytes of a message, which is taken.").
		Func("pop(buffer: userdata, pool: table, size: integer) -> data: string?, unread: integer", pop,
			"Takes size bytes; none when there are fewer, or size is 0.").
		Func("readall(buffer: userdata, pool: table) -> data: string", readAll, "Takes all bytes.").
		Func("readline(buffer: userdata, pool: table?, separator: string) -> line: string|true|nil", readLine,
			"Takes the bytes in front of a separator, and that; without a pool it only tells whether there is one.").
		Func("clear(buffer: userdata?, pool: table)", clearBuffer, "Drops all bytes.")
}

func newBuffer(c *vm.Call) error { return c.Return(vm.NewUserdata(new(buffer), nil).Value()) }

// bufferOf returns the buffer of argument 1.
func bufferOf(c *vm.Call) (*buffer, error) {
	if u, ok := c.Arg(1).AsUserdata(); ok {
		if b, ok := u.Data.(*buffer); ok {
			return b, nil
		}
	}
	return nil, c.Errorf("Need buffer object at param 1")
}

func push(c *vm.Call) error {
	b, err := bufferOf(c)
	if err != nil {
		return err
	}
	c.CheckTable(2)
	data, ok := host.ServiceOf(c).Host().TakeBlock(c.Arg(3))
	if !ok {
		return c.Errorf("Need message block at param 3")
	}
	b.Write(data[:min(max(c.CheckInt(4), 0), len(data))])
	return c.Return(vm.Int(b.Len()))
}

func pop(c *vm.Call) error {
	b, err := bufferOf(c)
	if err != nil {
		return err
	}
	c.CheckTable(2)
	n := c.CheckInt(3)
	if n <= 0 || n > b.Len() {
		c.Push(vm.Nil(), vm.Int(b.Len()))
		return nil
	}
	c.Push(b.take(c, n), vm.Int(b.Len()))
	return nil
}

func (b *buffer) take(c *vm.Call, n int) vm.Value {
	b.seen = 0
	return c.State().NewString(string(b.Next(n)))
}

func readAll(c *vm.Call) error {
	b, err := bufferOf(c)
	if err != nil {
		return err
	}
	c.CheckTable(2)
	return c.Return(b.take(c, b.Len()))
}

func readLine(c *vm.Call) error {
	b, err := bufferOf(c)
	if err != nil {
		return err
	}
	separator := c.CheckString(3)
	from := max(0, b.seen-len(separator)+1)
	i := bytes.Index(b.Bytes()[from:], []byte(separator))
	if i < 0 {
		b.seen = b.Len()
		return nil
	}
	if c.Arg(2).Kind() != vm.KindTable {
		return c.Return(vm.Bool(true))
	}
	line := b.take(c, from+i)
	b.Next(len(separator))
	return c.Return(line)
}

func clearBuffer(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		return nil
	}
	b, err := bufferOf(c)
	if err == nil {
		c.CheckTable(2)
		b.Buffer, b.seen = bytes.Buffer{}, 0
	}
	return err
}
