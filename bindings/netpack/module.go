// Package netpack implements skynet's module skynet.netpack: packets of two bytes of length, big-endian, and so many
// bytes. A gate gives it the socket messages that it receives.
package netpack

import (
	"github.com/luahost/luahost/bindings/internal/socketmessage"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	return module.New("skynet.netpack", "Packets on sockets: two bytes with the length, the high one first, and the content. A message is a light userdata and its size, as handlers of the message type socket get it.").
		Func("filter(queue: userdata?, msg: lightuserdata, size: integer) -> queue: userdata?, event: string?, ...: any", filter,
			"Takes a message of the type socket. Returns the queue, which is made when it is needed, and what has happened: \"data\", id, msg, size; \"more\" when packets are in the queue; \"open\", id, address; \"close\", id; \"error\", id, text; \"warning\", id, kilobytes; \"init\", id, address, port; or nothing.").
		Func("pop(queue: userdata?) -> id: integer?, msg: lightuserdata?, size: integer?", pop, "Returns the next packet and the id of its socket; nothing when there is none.").
		Func("pack(msg: lightuserdata|string, size?: integer) -> msg: lightuserdata, size: integer", pack, "Makes a packet of a message, which it takes as sending does, or a text.").
		Func("clear(queue: userdata?)", clearQueue, "Empties a queue.").
		Func("tostring(msg: lightuserdata|string|nil, size?: integer) -> text: string", toString, "Returns the bytes of a message, whose life ends.").
		Modules("netpack")
}

// queueOf returns the queue of argument 1, which may be nil.
func queueOf(c *vm.Call) (*Queue, error) {
	if c.Arg(1).IsNil() {
		return nil, nil
	}
	if u, ok := c.Arg(1).AsUserdata(); ok {
		if q, ok := u.Data.(*Queue); ok {
			return q, nil
		}
	}
	return nil, c.TypeError(1, "netpack queue")
}

func filter(c *vm.Call) error {
	q, err := queueOf(c)
	if err != nil {
		return err
	}
	svc := host.ServiceOf(c)
	b, ok := svc.Host().Block(c.Arg(2))
	if !ok {
		return c.TypeError(2, "message")
	}
	m, ok := socketmessage.Decode(b)
	if !ok {
		return c.Errorf("Invalid socket message")
	}
	queue := c.Arg(1)
	text := func() vm.Value { return c.State().NewString(string(m.Payload)) }
	switch m.Kind {
	case socketmessage.Data:
		if q == nil {
			q = &Queue{}
			queue = vm.NewUserdata(q, nil).Value()
		}
		return data(c, svc, q, queue, m)
	case socketmessage.Connect:
		c.Push(queue, vm.String("init"), vm.Int(m.ID), text(), vm.Int(m.Number))
	case socketmessage.Close:
		if q != nil {
			q.Forget(m.ID)
		}
		c.Push(queue, vm.String("close"), vm.Int(m.ID))
	case socketmessage.Accept:
		c.Push(queue, vm.String("open"), vm.Int(m.Number), text())
	case socketmessage.Error:
		if q != nil {
			q.Forget(m.ID)
		}
		c.Push(queue, vm.String("error"), vm.Int(m.ID), text())
	case socketmessage.Warning:
		c.Push(queue, vm.String("warning"), vm.Int(m.ID), vm.Int(m.Number))
	default:
		c.Push(queue)
	}
	return nil
}

func data(c *vm.Call, svc *host.Service, q *Queue, queue vm.Value, m socketmessage.Message) error {
	waiting := q.first < len(q.ready)
	switch n := q.Add(m.ID, m.Payload); {
	case n == 1 && !waiting:
		p, _ := q.Pop()
		c.Push(queue, vm.String("data"), vm.Int(p.ID), svc.NewBlock(p.Data), vm.Int(len(p.Data)))
	case n > 0:
		c.Push(queue, vm.String("more"))
	default:
		c.Push(queue)
	}
	return nil
}

func pop(c *vm.Call) error {
	q, err := queueOf(c)
	if err != nil || q == nil {
		return err
	}
	if p, ok := q.Pop(); ok {
		c.Push(vm.Int(p.ID), host.ServiceOf(c).NewBlock(p.Data), vm.Int(len(p.Data)))
	}
	return nil
}

func pack(c *vm.Call) error {
	var content []byte
	svc := host.ServiceOf(c)
	if c.Arg(1).Kind() == vm.KindLightUserdata {
		b, ok := svc.Host().TakeBlock(c.Arg(1))
		if !ok {
			return c.TypeError(1, "message")
		}
		content = b[:min(max(c.OptInt(2, len(b)), 0), len(b))]
	} else {
		content = []byte(c.CheckString(1))
	}
	b, err := Pack(content)
	if err != nil {
		return err
	}
	c.Push(svc.NewBlock(b), vm.Int(len(b)))
	return nil
}

func clearQueue(c *vm.Call) error {
	q, err := queueOf(c)
	if q != nil {
		q.Clear()
	}
	return err
}

func toString(c *vm.Call) error {
	if s, ok := c.Arg(1).AsString(); ok {
		return c.Return(vm.String(s))
	}
	if c.Arg(1).IsNil() {
		return c.Return(vm.String(""))
	}
	b, ok := host.ServiceOf(c).Host().TakeBlock(c.Arg(1))
	if !ok {
		return c.TypeError(1, "message")
	}
	n := min(max(c.OptInt(2, len(b)), 0), len(b))
	return c.Return(c.State().NewString(string(b[:n])))
}
