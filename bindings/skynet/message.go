package skynet

import (
	"errors"
	"fmt"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// destination is an address as scripts write it: a number, ":0000000a", ".name" or a global name.
type destination struct {
	handle host.Handle
	name   string // used when handle is 0
}

var errNoMessage = errors.New("the userdata is not a message, or was sent or freed already")

// destinationOf reads an address as skynet does.
func destinationOf(c *vm.Call, v vm.Value) (destination, error) {
	if f, ok := vm.ToNumber(v); ok && uint32(int64(f)) != 0 {
		return destination{handle: host.Handle(uint32(int64(f)))}, nil
	}
	if v.Kind() == vm.KindNumber {
		return destination{}, c.Errorf("Invalid service address 0")
	}
	if text, ok := v.AsString(); ok {
		return destination{name: text}, nil
	}
	return destination{}, c.Errorf("dest address type (%s) must be a string or number.", v.Kind())
}

// String returns what skynet.address makes of it.
func (d destination) String() string {
	if d.handle != 0 {
		return d.handle.String()
	}
	return d.name
}

// send sends a message. It reports false when there is no such service; to is 0 when that is not known yet.
func (in *instance) send(d destination, m host.Message) (to host.Handle, ok bool) {
	if d.handle != 0 {
		return d.handle, in.service.Send(d.handle, m)
	}
	return in.service.SendName(d.name, m)
}

// message reads a message that a script made: a string, or a pointer and its size. A pointer is used up.
func (in *instance) message(c *vm.Call, v, size vm.Value) ([]byte, error) {
	if text, ok := vm.ToString(v); ok {
		return vm.StringBytes(text), nil
	}
	if bits, ok := v.AsLightUserdata(); ok {
		n, isNumber := size.AsNumber()
		if !isNumber {
			return nil, c.Errorf("a message given as userdata needs its size")
		}
		if bits == 0 && n == 0 {
			return nil, nil
		}
		data, ok := in.service.Host().TakeBlock(v)
		if !ok || n < 0 || n > float64(len(data)) {
			return nil, errNoMessage
		}
		return data[:int(n)], nil
	}
	return nil, c.Errorf("invalid param %s", v.Kind())
}

// pack packs the arguments from i on as a protocol wants it, and goes on with k.
func (in *instance) pack(c *vm.Call, p *protocol, i int, k func(c *vm.Call, data []byte) error) error {
	f := p.packer()
	args := c.Args()[min(i-1, c.NArgs()):]
	if !f.IsNil() {
		return c.CallThen(func(c *vm.Call) error {
			data, err := in.message(c, c.Arg(1), c.Arg(2))
			if err != nil {
				return err
			}
			return k(c, data)
		}, f, args...)
	}
	data, err := in.service.Pack(args)
	if err != nil {
		return err
	}
	return k(c, data)
}

func send(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(2))
	if err != nil {
		return err
	}
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	if p == &in.lua {
		data, err := in.service.Pack(c.Args()[2:])
		if err != nil {
			return err
		}
		return in.post(c, d, host.Message{Type: p.id, Data: data})
	}
	return in.pack(c, p, 3, func(c *vm.Call, data []byte) error {
		return in.post(c, d, host.Message{Type: p.id, Data: data})
	})
}

// post sends a message that asks for no answer: the result is 0, or none when nobody is there.
func (in *instance) post(c *vm.Call, d destination, m host.Message) error {
	if _, ok := in.send(d, m); !ok {
		return nil
	}
	return c.Return(vm.Int(m.Session))
}

func rawSend(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(2))
	if err != nil {
		return err
	}
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	data, err := in.message(c, c.Arg(3), c.Arg(4))
	if err != nil {
		return err
	}
	return in.post(c, d, host.Message{Type: p.id, Data: data})
}

func redirect(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(3))
	if err != nil {
		return err
	}
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	m := host.Message{Type: p.id, Source: host.Handle(c.CheckInt(2))}
	if c.Arg(4).IsNil() {
		m.Session = in.service.NewSession()
	} else {
		m.Session = c.CheckInt(4)
	}
	if m.Data, err = in.message(c, c.Arg(5), c.Arg(6)); err != nil {
		return err
	}
	return in.post(c, d, m)
}

func call(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(2))
	if err != nil {
		return err
	}
	if p == &in.lua {
		d, err := destinationOf(c, c.Arg(1))
		if err != nil {
			return err
		}
		if err := in.service.CheckWait(c); err != nil {
			return err
		}
		in.tracesCall(c, d)
		data, err := in.service.Pack(c.Args()[2:])
		if err != nil {
			return err
		}
		return in.request(c, d, p, data, answered)
	}
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	in.tracesCall(c, d)
	return in.pack(c, p, 3, func(c *vm.Call, data []byte) error {
		return in.request(c, d, p, data, func(c *vm.Call, r host.Reply) error { return in.answeredTo(c, p, r) })
	})
}

// request sends a request and waits for its answer.
func (in *instance) request(c *vm.Call, d destination, p *protocol, data []byte, k func(*vm.Call, host.Reply) error) error {
	s := in.service
	if err := s.CheckWait(c); err != nil {
		return err
	}
	session := s.NewSession()
	to, ok := in.send(d, host.Message{Type: p.id, Session: session, Data: data})
	if !ok {
		return c.Errorf("call to invalid address %s", d)
	}
	if to == 0 {
		k = in.named(d.name, session, k)
	}
	return s.WaitPeer(c, to, session, k)
}

// answered returns what a call of type "lua" brought.
func answered(c *vm.Call, r host.Reply) error {
	if !r.OK {
		return c.Errorf("call failed")
	}
	values, err := host.ServiceOf(c).Unpack(r.Message.Data)
	if err != nil {
		return err
	}
	c.Push(values...)
	return nil
}

// answeredTo returns what a call of any type brought.
func (in *instance) answeredTo(c *vm.Call, p *protocol, r host.Reply) error {
	f := p.unpacker()
	if f.IsNil() || !r.OK {
		return answered(c, r)
	}
	return c.TailCall(f, in.service.MessageBlock(), vm.Int(len(r.Message.Data)))
}

func rawCall(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(2))
	if err != nil {
		return err
	}
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	in.tracesCall(c, d)
	data, err := in.message(c, c.Arg(3), c.Arg(4))
	if err != nil {
		return err
	}
	return in.request(c, d, p, data, rawAnswered)
}

func rawAnswered(c *vm.Call, r host.Reply) error {
	if !r.OK {
		return c.Errorf("call failed")
	}
	c.Push(host.ServiceOf(c).MessageBlock(), vm.Int(len(r.Message.Data)))
	return nil
}

// Answers.

func ret(c *vm.Call) error {
	in := of(c)
	var data []byte
	if !c.Arg(1).IsNil() {
		var err error
		if data, err = in.message(c, c.Arg(1), c.Arg(2)); err != nil {
			return err
		}
	}
	return in.respond(c, data)
}

func retPack(c *vm.Call) error {
	in := of(c)
	data, err := in.service.Pack(c.Args())
	if err != nil {
		return err
	}
	return in.respond(c, data)
}

func (in *instance) respond(c *vm.Call, data []byte) error {
	in.traces("response")
	sent, ok := in.service.Respond(data)
	if !ok {
		return c.Errorf("No session")
	}
	return c.Return(vm.Bool(sent))
}

func response(c *vm.Call) error {
	in := of(c)
	pack := c.Arg(1)
	r, ok := in.service.Postpone()
	if !ok {
		return c.Errorf("no session")
	}
	if !r.Asked() {
		return c.Return(vm.Function("response", func(*vm.Call) error { return nil }))
	}
	used := false
	return c.Return(vm.Function("response", func(c *vm.Call) error {
		if text, ok := c.Arg(1).AsString(); ok && text == "TEST" {
			return c.Return(vm.Bool(r.Open()))
		}
		if used {
			return c.Errorf("Can't response more than once")
		}
		if !c.Arg(1).Truthy() || !r.Open() {
			used = true
			return c.Return(vm.Bool(r.Fail()))
		}
		p := &in.lua
		if !pack.IsNil() {
			p = &protocol{class: in.packedBy(pack)}
		}
		return in.pack(c, p, 2, func(c *vm.Call, data []byte) error {
			used = true
			return c.Return(vm.Bool(r.Answer(data)))
		})
	}))
}

// packedBy makes the class of a protocol that has a function for packing only.
func (in *instance) packedBy(f vm.Value) *vm.Table {
	class := in.service.State().NewTable(0, 1)
	class.SetString("pack", f)
	return class
}

func ignoreRet(c *vm.Call) error {
	of(c).service.TakeRequest()
	return nil
}

func context(c *vm.Call) error {
	t := of(c).service.Current()
	if t == nil {
		return nil
	}
	session, source := t.Session()
	switch {
	case t.Pending():
		c.Push(vm.Int(session), vm.Int(int(source)))
	case source != 0:
		c.Push(vm.Nil(), vm.Int(int(source)))
	default:
		c.Push(vm.Nil(), vm.Nil())
	}
	return nil
}

// Packing.

var packFunction = vm.NewFunction("skynet.pack", func(c *vm.Call) error {
	in := of(c)
	data, err := in.service.Pack(c.Args())
	if err != nil {
		return err
	}
	c.Push(in.service.NewBlock(data), vm.Int(len(data)))
	return nil
})

var packStringFunction = vm.NewFunction("skynet.packstring", func(c *vm.Call) error {
	data, err := of(c).service.Pack(c.Args())
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(data)))
})

var unpackFunction = vm.NewFunction("skynet.unpack", func(c *vm.Call) error {
	in := of(c)
	if c.Arg(1).IsNil() {
		return nil
	}
	data, err := in.blockAt(c, 1)
	if err != nil {
		return err
	}
	values, err := in.service.Unpack(data)
	if err != nil {
		return err
	}
	c.Push(values...)
	return nil
})

var toStringFunction = vm.NewFunction("skynet.tostring", func(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		return nil
	}
	data, err := of(c).blockAt(c, 1)
	if err != nil {
		return err
	}
	if err := c.State().Reserve(len(data)); err != nil {
		return err
	}
	return c.Return(vm.Bytes(data))
})

// blockAt returns the bytes of a string, or of a pointer with its size, at argument i; a pointer stays valid.
func (in *instance) blockAt(c *vm.Call, i int) ([]byte, error) {
	v := c.Arg(i)
	if text, ok := v.AsString(); ok {
		return vm.StringBytes(text), nil
	}
	bits, ok := v.AsLightUserdata()
	if !ok {
		return nil, c.TypeError(i, "string or userdata")
	}
	size := c.CheckInt(i + 1)
	if size == 0 {
		return nil, nil
	}
	if bits == 0 {
		return nil, c.Errorf("deserialize null pointer")
	}
	data, ok := in.service.Host().Block(v)
	if !ok || size < 0 || size > len(data) {
		return nil, errNoMessage
	}
	return data[:size], nil
}

var trashFunction = vm.NewFunction("skynet.trash", func(c *vm.Call) error {
	v := c.Arg(1)
	switch v.Kind() {
	case vm.KindString:
	case vm.KindLightUserdata:
		of(c).service.Host().TakeBlock(v)
	default:
		return c.Errorf("skynet.trash invalid param %s", v.Kind())
	}
	return nil
})

// concat joins values as table.concat does: a nil ends the list.
func concat(c *vm.Call, from int) (string, error) {
	text := ""
	for i := from; i <= c.NArgs() && !c.Arg(i).IsNil(); i++ {
		word, ok := vm.ToString(c.Arg(i))
		if !ok {
			return "", fmt.Errorf("argument %d is a %s, not a string", i, c.Arg(i).Kind())
		}
		if i > from {
			text += " "
		}
		text += word
	}
	return text, nil
}
