package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// protocol says how messages of one type are packed, unpacked and handled.
type protocol struct {
	name    string
	id      host.MessageType
	class   *vm.Table // that register_protocol was given; nil for those that skynet has itself
	value   vm.Value  // class, or while code is reloaded what it declares anew
	handler vm.Value  // of one without a class
	trace   vm.Value  // the same; see traceproto
}

// byName returns a protocol, or nil.
func (in *instance) byName(name string) *protocol {
	if name == in.lua.name {
		return &in.lua
	}
	for _, p := range in.protocols {
		if p.name == name {
			return p
		}
	}
	return nil
}

// protocolNames returns the names of all protocols.
func (in *instance) protocolNames(s *vm.State) *vm.Table {
	names := []vm.Value{vm.String(in.lua.name)}
	for _, p := range in.protocols {
		names = append(names, vm.String(p.name))
	}
	return s.NewList(names...)
}

// byID returns a protocol, or nil.
func (in *instance) byID(id host.MessageType) *protocol {
	if id == in.lua.id {
		return &in.lua
	}
	for _, p := range in.protocols {
		if p.id == id {
			return p
		}
	}
	return nil
}

// protocol returns the protocol that v names, by its name or number.
func (in *instance) protocol(c *vm.Call, v vm.Value) (*protocol, error) {
	var p *protocol
	if text, ok := v.AsString(); ok {
		p = in.byName(text)
	} else if f, ok := v.AsNumber(); ok && f >= 0 && f <= 255 {
		p = in.byID(host.MessageType(f))
	}
	if p == nil {
		return nil, c.Errorf("attempt to index a nil value (no protocol %s is registered)", vm.Text(v))
	}
	return p, nil
}

// packer returns the function that packs the protocol's messages, or nil when that is skynet.pack.
func (p *protocol) packer() vm.Value { return p.function("pack", packFunction) }

// unpacker returns the function that unpacks the protocol's messages, or nil when that is skynet.unpack.
func (p *protocol) unpacker() vm.Value { return p.function("unpack", unpackFunction) }

func (p *protocol) function(field string, known *vm.GoFunction) vm.Value {
	if p.class == nil {
		return vm.Nil()
	}
	f := p.class.GetString(field)
	if g, ok := f.AsGoFunction(); ok && g == known {
		return vm.Nil()
	}
	if f.IsNil() {
		return vm.Bool(false) // to call it is an error
	}
	return f
}

func (p *protocol) dispatch() vm.Value {
	if p.class != nil {
		return p.class.GetString("dispatch")
	}
	return p.handler
}

// traced returns what traceproto has set.
func (p *protocol) traced() vm.Value {
	if p.class != nil {
		return p.class.GetString("trace")
	}
	return p.trace
}

func dispatch(c *vm.Call) error {
	in := of(c)
	if c.Arg(2).IsNil() {
		p, err := in.protocol(c, c.Arg(1))
		if err != nil {
			return c.Return(vm.Nil())
		}
		return c.Return(p.dispatch())
	}
	p, err := in.protocol(c, c.Arg(1))
	if err != nil {
		return err
	}
	old := p.dispatch()
	if p.class != nil {
		p.class.SetString("dispatch", c.Arg(2))
	} else {
		c.State().Assign(&p.handler, c.Arg(2))
	}
	return c.Return(old)
}

func registerProtocol(c *vm.Call) error {
	in := of(c)
	class := c.CheckTable(1)
	name, isString := class.GetString("name").AsString()
	id, isNumber := class.GetString("id").AsNumber()
	if !isString || !isNumber || id < 0 || id > 255 || id != float64(int(id)) {
		return c.Errorf("a protocol needs a name, and an id from 0 to 255")
	}
	p := in.byName(name)
	if p != nil && p == in.byID(host.MessageType(id)) && p.class != nil && in.service.OnTrial() {
		c.State().Assign(&p.value, class.Value()) // its fields come to be those of p.class
		return nil
	}
	if p != nil || in.byID(host.MessageType(id)) != nil {
		return c.Errorf("protocol %s (%d) is registered already", name, int(id))
	}
	before := in.protocols
	c.State().OnUndo(func() { in.protocols = before })
	in.protocols = append(before[:len(before):len(before)], &protocol{name: name, id: host.MessageType(id), class: class, value: class.Value()})
	return nil
}

// Receive implements host.Receiver.
func (in *instance) Receive(s *host.Service, m host.Message) {
	if in.callback.IsFunction() {
		s.Handle(m, in.callback, vm.Int(int(m.Type)), s.MessageBlock(), vm.Int(len(m.Data)), vm.Int(m.Session), vm.Int(int(m.Source)))
		return
	}
	if in.forward != nil {
		m.Type = in.forwarded(m.Type)
	}
	p := in.byID(m.Type)
	switch {
	case p != nil:
	case m.Type == host.TypeTrace:
		in.announce(m)
		return
	default:
		in.unknown(m, vm.Int(int(m.Type)))
		return
	}
	f := p.dispatch()
	if f.IsNil() && m.Type == host.TypeDebug {
		f = vm.Function("debug", debugDispatch)
	}
	if !f.IsFunction() {
		delete(in.announced, m.Source)
		in.unknown(m, vm.String(p.name))
		return
	}
	tracer := in.tracerOf(p, m)
	args := append(in.args[:0], vm.Int(m.Session), vm.Int(int(m.Source)))
	args, err := in.unpack(p, m, args)
	if err != nil {
		s.Fault("%s", in.describe(err))
		s.Refuse(m)
		return
	}
	if cap(args) <= keptArgs {
		in.args = args
	}
	s.HandleTraced(m, tracer, f, args...)
}

// keptArgs is the longest list of arguments whose room is kept for the next message.
const keptArgs = 64

func (in *instance) describe(err error) string {
	if e, ok := err.(*vm.Error); ok {
		return in.service.ToString(e.Value)
	}
	return err.Error()
}

// unpack appends the values of a message to args; a script's function for that can't wait.
func (in *instance) unpack(p *protocol, m host.Message, args []vm.Value) ([]vm.Value, error) {
	f := p.unpacker()
	if f.IsNil() {
		return host.AppendUnpack(args, in.service.State(), m.Data)
	}
	if g, ok := f.AsGoFunction(); ok && g == toStringFunction {
		return append(args, in.service.State().NewString(string(m.Data))), nil
	}
	r, err := in.service.State().Current().Call(f, in.service.MessageBlock(), vm.Int(len(m.Data)))
	return append(args, r...), err
}

// unknown takes a message that nothing handles.
func (in *instance) unknown(m host.Message, prototype vm.Value) {
	s := in.service
	switch {
	case m.Session != 0:
		s.Refuse(m)
	case !in.unknownRequest.IsNil():
		s.Go(in.unknownRequest, vm.Int(m.Session), vm.Int(int(m.Source)), s.MessageBlock(), vm.Int(len(m.Data)), prototype)
	default:
		s.Host().Logf(s.Address(), "Unknown request (%s): %s", vm.Text(prototype), m.Data)
		s.Fault("Unknown session : %d from %x", m.Session, uint32(m.Source))
	}
}

// unknownRequestFunction is what takes messages that nothing handles, until dispatch_unknown_request is called.
var unknownRequestFunction = vm.Function("unknown_request", func(c *vm.Call) error {
	in := of(c)
	data, err := in.blockAt(c, 3)
	if err != nil {
		return err
	}
	in.service.Host().Logf(in.service.Address(), "Unknown request (%s): %s", vm.Text(c.Arg(5)), data)
	return unknownSession(c)
})

// unknownResponseFunction is what takes answers that nobody waits for, until dispatch_unknown_response is called.
var unknownResponseFunction = vm.Function("unknown_response", func(c *vm.Call) error {
	in := of(c)
	data, err := in.blockAt(c, 3)
	if err != nil {
		return err
	}
	in.service.Host().Logf(in.service.Address(), "Response message : %s", data)
	return unknownSession(c)
})

func unknownSession(c *vm.Call) error {
	return c.Errorf("Unknown session : %d from %x", c.CheckInt(1), uint32(int64(c.CheckNumber(2))))
}

func dispatchUnknownRequest(c *vm.Call) error {
	in := of(c)
	old := in.unknownRequest
	if old.IsNil() {
		old = unknownRequestFunction
	}
	c.State().Assign(&in.unknownRequest, c.CheckFunction(1))
	return c.Return(old)
}

func dispatchUnknownResponse(c *vm.Call) error {
	in := of(c)
	old := in.unknownResponse
	if old.IsNil() {
		old = unknownResponseFunction
	}
	c.State().Assign(&in.unknownResponse, c.CheckFunction(1))
	s := in.service
	s.SetUnknownResponse(func(m host.Message) {
		s.Go(in.unknownResponse, vm.Int(m.Session), vm.Int(int(m.Source)), s.MessageBlock(), vm.Int(len(m.Data)))
	})
	return c.Return(old)
}
