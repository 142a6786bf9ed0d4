// Package socketdriver implements skynet's module skynet.socketdriver (also socketdriver): sockets whose events come as
// messages of type socket, for services that handle these themselves, as gates do.
package socketdriver

import (
	"net"
	"strconv"

	"github.com/luahost/luahost/bindings/internal/socketmessage"
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	m := module.New("skynet.socketdriver", "Sockets as messages of the type socket: what the module skynet.socket of skynet is built on. A message is a light userdata and its size.").
		Func("listen(host: string, port?: integer, backlog?: integer) -> id: integer", listen,
			"Listens. The address and port come as a message of kind connect.", "host: \"host:port\" when there is no port").
		Func("connect(host: string, port?: integer) -> id: integer", connect,
			"Connects. A message of kind connect or error tells how it went.", "host: \"host:port\" when there is no port").
		Func("bind(fd: integer) -> id: integer", bind, "Makes a socket of a descriptor of the process; -1 when that fails.").
		Func("start(id: integer)", start, "Takes a socket over: its events come from now on.").
		Func("pause(id: integer)", pause, "Stops reading until start.").
		Func("close(id: integer)", closeSocket, "Closes a socket when all is sent. A message of kind close follows.").
		Func("shutdown(id: integer)", shutdown, "Closes a socket without sending what waits.").
		Func("nodelay(id: integer)", nodelay, "Does nothing: small packets are always sent at once.").
		Func("send(id: integer, data: string|string[]|lightuserdata, size?: integer) -> sent: boolean", func(c *vm.Call) error { return send(c, false) },
			"Sends; a message is taken. The result is false when the socket is closed.").
		Func("lsend(id: integer, data: string|string[]|lightuserdata, size?: integer) -> sent: boolean", func(c *vm.Call) error { return send(c, true) },
			"Sends behind all that waits to be sent.").
		Func("udp(host?: string, port?: integer) -> id: integer", udp, "Makes a socket for datagrams.").
		Func("udp_listen(host?: string, port?: integer) -> id: integer", udp, "Is udp.").
		Func("udp_dial(host: string, port: integer) -> id: integer", udpDial, "Makes a socket for datagrams to and from one address.").
		Func("udp_connect(id: integer, host: string, port: integer)", udpConnect, "Sets where send sends to.").
		Func("udp_send(id: integer, address: string, data: string|string[]|lightuserdata, size?: integer) -> sent: boolean", udpSend,
			"Sends a datagram.", "address: as it came with a datagram").
		Func("udp_address(address: string) -> host: string, port: integer", sockets.CallUDPAddress, "Reads the address that came with a datagram.").
		Func("unpack(msg: lightuserdata, size: integer) -> kind: integer, id: integer, number: integer, data: string|lightuserdata, address: string?", unpack,
			"Reads a message of the type socket: its kind, the socket, a number, and a text, or a message with what was received.").
		Func("header(bytes: string) -> n: integer", sockets.CallHeader, "Returns the number that 1 to 4 bytes are, the high one first.").
		Func("str2p(text: string) -> msg: lightuserdata, size: integer", str2p, "Makes a message of a text.").
		Func("drop(msg: lightuserdata, size: integer)", drop, "Ends a message.").
		Func("info() -> sockets: table[]", info, "Returns what is known of each socket.").
		Func("resolve(host: string) -> addresses: string[]", resolve, "Returns the addresses of a host. It suspends the task.")
	return addBuffers(m).Modules("socketdriver")
}

// driver is what a service has of the module.
type driver struct {
	service *host.Service
	set     *sockets.Set
	owner   *sockets.Owner
	events  map[int]*events
}

type driverKey struct{}

func driverIn(c *vm.Call) *driver {
	s := host.ServiceOf(c)
	return s.Local(driverKey{}, func() any {
		set := sockets.Of(s.Host())
		return &driver{service: s, set: set, owner: set.Owner(s), events: map[int]*events{}}
	}).(*driver)
}

// post sends the service a message of type socket.
func (d *driver) post(m socketmessage.Message) {
	d.service.Host().Post(d.service.Address(), host.Message{Type: host.TypeSocket, Data: m.Encode()})
}

// eventsOf returns where the events of a socket go.
func (d *driver) eventsOf(id int) *events {
	e := d.events[id]
	if e == nil {
		e = &events{driver: d, id: id}
		d.events[id] = e
	}
	return e
}

// events implements sockets.Events for a socket.
type events struct {
	driver *driver
	id     int
	ended  bool // the service was told
}

func (e *events) Data(b []byte) (kept bool) {
	e.driver.post(socketmessage.Message{Kind: socketmessage.Data, ID: e.id, Number: len(b), Payload: b})
	return false
}

func (e *events) Closed() {
	if !e.ended {
		e.ended = true
		e.driver.post(socketmessage.Message{Kind: socketmessage.Close, ID: e.id})
	}
}

func (e *events) Failed(reason string) {
	if !e.ended {
		e.driver.post(socketmessage.Message{Kind: socketmessage.Error, ID: e.id, Payload: []byte(reason)})
	}
}

func (e *events) Accepted(id int, address string) {
	e.driver.post(socketmessage.Message{Kind: socketmessage.Accept, ID: e.id, Number: id, Payload: []byte(address)})
}

func (e *events) Packet(data, from string) {
	e.driver.post(socketmessage.Message{
		Kind: socketmessage.UDP, ID: e.id, Number: len(from), Payload: []byte(data + from),
	})
}

func (e *events) Unsent(kilobytes int) {
	e.driver.post(socketmessage.Message{Kind: socketmessage.Warning, ID: e.id, Number: kilobytes})
}

// hostPort returns host and port of arguments i and i+1, or of "host:port" in argument i.
func hostPort(c *vm.Call, i int) (string, int, error) {
	text := c.CheckString(i)
	if !c.Arg(i + 1).IsNil() {
		return text, c.CheckInt(i + 1), nil
	}
	name, digits, err := net.SplitHostPort(text)
	if err == nil {
		var port int
		if port, err = strconv.Atoi(digits); err == nil {
			return name, port, nil
		}
	}
	return "", 0, c.Errorf("Invalid address %s.", text)
}

func listen(c *vm.Call) error {
	d := driverIn(c)
	name, port, err := hostPort(c, 1)
	if err != nil {
		return err
	}
	l, err := d.set.Listen(d.owner, name, port)
	if err != nil {
		return c.Errorf("Listen error: %v", err)
	}
	address, port := l.Address()
	d.post(socketmessage.Message{Kind: socketmessage.Connect, ID: l.ID(), Number: port, Payload: []byte(address)})
	return c.Return(vm.Int(l.ID()))
}

func connect(c *vm.Call) error {
	d := driverIn(c)
	name, port, err := hostPort(c, 1)
	if err != nil {
		return err
	}
	svc := d.service
	var id int
	known := make(chan struct{})
	id = d.set.Dial(d.owner, name, port, func(s *sockets.Stream, err error) {
		<-known
		svc.Post(func(*host.Service) { d.connected(id, s, err) })
	})
	close(known)
	return c.Return(vm.Int(id))
}

func (d *driver) connected(id int, s *sockets.Stream, err error) {
	if err == nil {
		err = s.Start(d.owner, d.eventsOf(id))
	}
	if err != nil {
		d.post(socketmessage.Message{Kind: socketmessage.Error, ID: id, Payload: []byte(sockets.Reason(err))})
		return
	}
	d.post(socketmessage.Message{Kind: socketmessage.Connect, ID: id, Payload: []byte(s.Info().Peer)})
}

func bind(c *vm.Call) error {
	d := driverIn(c)
	s, err := d.set.Bind(d.owner, c.CheckInt(1))
	if err != nil {
		return c.Return(vm.Int(-1))
	}
	return c.Return(vm.Int(s.ID()))
}

func start(c *vm.Call) error {
	d, id := driverIn(c), c.CheckInt(1)
	s := d.set.Get(id)
	if s == nil {
		d.post(socketmessage.Message{Kind: socketmessage.Error, ID: id, Payload: []byte(sockets.ErrInvalid.Error())})
		return nil
	}
	// What it is told comes before what is received.
	d.post(socketmessage.Message{Kind: socketmessage.Connect, ID: id, Payload: []byte("start")})
	if err := s.Start(d.owner, d.eventsOf(id)); err != nil {
		d.post(socketmessage.Message{Kind: socketmessage.Error, ID: id, Payload: []byte(err.Error())})
	}
	return nil
}

func pause(c *vm.Call) error {
	if s := driverIn(c).set.Get(c.CheckInt(1)); s != nil {
		s.Pause()
	}
	return nil
}

func closeSocket(c *vm.Call) error {
	d, id := driverIn(c), c.CheckInt(1)
	if s := d.set.Get(id); s != nil {
		s.Close()
		d.eventsOf(id).Closed()
	}
	delete(d.events, id)
	return nil
}

func shutdown(c *vm.Call) error {
	d, id := driverIn(c), c.CheckInt(1)
	if s := d.set.Get(id); s != nil {
		s.Shutdown()
		d.eventsOf(id).Closed()
	}
	delete(d.events, id)
	return nil
}

func nodelay(c *vm.Call) error {
	c.CheckInt(1)
	return nil
}

// content returns the bytes of a string, list of strings, or message and size at argument i. A message is taken.
func content(c *vm.Call, i int) ([]byte, error) {
	v := c.Arg(i)
	switch v.Kind() {
	case vm.KindTable:
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
	case vm.KindLightUserdata:
		b, ok := host.ServiceOf(c).Host().TakeBlock(v)
		if !ok {
			return nil, c.TypeError(i, "string or message")
		}
		return b[:min(max(c.OptInt(i+1, len(b)), 0), len(b))], nil
	}
	return []byte(c.CheckString(i)), nil
}

func send(c *vm.Call, low bool) error {
	s := driverIn(c).set.Get(c.CheckInt(1))
	b, err := content(c, 2)
	if err != nil {
		return err
	}
	return c.Return(vm.Bool(s != nil && s.Write(b, low)))
}

func udp(c *vm.Call) error {
	d := driverIn(c)
	p, err := d.set.ListenPackets(d.owner, c.OptString(1, ""), c.OptInt(2, 0))
	return d.opened(c, p, err)
}

func udpDial(c *vm.Call) error {
	d := driverIn(c)
	p, err := d.set.DialPackets(d.owner, c.CheckString(1), c.CheckInt(2))
	return d.opened(c, p, err)
}

func (d *driver) opened(c *vm.Call, p *sockets.Packets, err error) error {
	if err == nil {
		err = p.Start(d.owner, d.eventsOf(p.ID()))
	}
	if err != nil {
		return c.Errorf("udp init failed: %s", sockets.Reason(err))
	}
	return c.Return(vm.Int(p.ID()))
}

func udpConnect(c *vm.Call) error {
	p, ok := driverIn(c).set.Get(c.CheckInt(1)).(*sockets.Packets)
	if !ok {
		return c.Errorf("udp connect failed: %v", sockets.ErrInvalid)
	}
	if err := p.Connect(c.CheckString(2), c.CheckInt(3)); err != nil {
		return c.Errorf("udp connect failed: %s", sockets.Reason(err))
	}
	return nil
}

func udpSend(c *vm.Call) error {
	p, ok := driverIn(c).set.Get(c.CheckInt(1)).(*sockets.Packets)
	to, valid := sockets.DecodeAddress(c.CheckString(2))
	b, err := content(c, 3)
	if err != nil {
		return err
	}
	return c.Return(vm.Bool(ok && valid && p.SendTo(b, to)))
}

func unpack(c *vm.Call) error {
	svc := host.ServiceOf(c)
	b, ok := svc.Host().Block(c.Arg(1))
	if !ok {
		return c.TypeError(1, "message")
	}
	m, ok := socketmessage.Decode(b)
	if !ok {
		return c.Errorf("Invalid socket message")
	}
	c.Push(vm.Int(int(m.Kind)), vm.Int(m.ID), vm.Int(m.Number))
	switch m.Kind {
	case socketmessage.Data:
		c.Push(svc.NewBlock(m.Payload))
	case socketmessage.UDP:
		at := len(m.Payload) - m.Number
		c.Results()[2] = vm.Int(at)
		c.Push(svc.NewBlock(m.Payload[:at]), c.State().NewString(string(m.Payload[at:])))
	default:
		c.Push(c.State().NewString(string(m.Payload)))
	}
	return nil
}

func str2p(c *vm.Call) error {
	s := c.CheckString(1)
	c.Push(host.ServiceOf(c).NewBlock([]byte(s)), vm.Int(len(s)))
	return nil
}

func drop(c *vm.Call) error {
	host.ServiceOf(c).Host().TakeBlock(c.Arg(1))
	return nil
}

func info(c *vm.Call) error {
	s := c.State()
	list := s.NewTable(0, 0)
	for n, i := range driverIn(c).set.Infos() {
		t := s.NewTable(0, 8)
		t.SetString("id", vm.Int(i.ID))
		t.SetString("address", vm.Int(int(i.Owner)))
		t.SetString("type", vm.String(i.Type))
		t.SetString("read", vm.Int(int(i.Read.Count())))
		t.SetString("write", vm.Int(int(i.Written.Count())))
		t.SetString("wbuffer", vm.Int(i.Unsent))
		t.SetString("rtime", vm.Int(int(i.Read.Last())))
		t.SetString("wtime", vm.Int(int(i.Written.Last())))
		if i.Peer != "" {
			t.SetString("peer", vm.String(i.Peer))
		}
		if i.Local != "" {
			t.SetString("sock", vm.String(i.Local))
		}
		list.SetInt(n+1, t.Value())
	}
	return c.Return(list.Value())
}

func resolve(c *vm.Call) error {
	d, name := driverIn(c), c.CheckString(1)
	svc := d.service
	session := svc.NewSession()
	type answer struct {
		addresses []string
		err       error
	}
	d.set.Resolve(svc.Context(), name, func(addresses []string, err error) {
		svc.Deliver(session, answer{addresses, err})
	})
	return svc.Wait(c, session, func(c *vm.Call, r host.Reply) error {
		a := r.Message.Value.(answer)
		if a.err != nil {
			return c.Errorf("%s: %s", name, sockets.Reason(a.err))
		}
		list := c.State().NewTable(len(a.addresses), 0)
		for i, text := range a.addresses {
			list.SetInt(i+1, vm.String(text))
		}
		return c.Return(list.Value())
	})
}
