package skynet

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
)

// gate is the service gate as it is in C in skynet: launch("gate", "S watchdog host:port type max"). It accepts clients,
// whose bytes are packets with their length in front: 2 bytes, big-endian, for S, or 4 for L.
//
// The watchdog, if it isn't "!", hears of clients by texts: "ID open ID ADDRESS:0", "ID data PACKET", "ID close". The gate
// obeys the texts "start ID", "forward ID :AGENT :CLIENT", "kick ID", "broker NAME" and "close". It hands packets on with
// the client's id as their session: to the broker, or the client's agent, as messages of the type of the command line
// (client when that is 0); else to the watchdog. A message of the type client is bytes for a client, whose id is in the
// last 4 of them, little-endian.
type gate struct {
	service  *host.Service
	set      *sockets.Set
	owner    *sockets.Owner
	header   int // bytes of a length
	kind     host.MessageType
	max      int // clients
	watchdog host.Handle
	broker   host.Handle
	listener *sockets.Listener // nil: closed
	clients  map[int]*gateClient
}

// gateClient implements sockets.Events for a client.
type gateClient struct {
	gate          *gate
	id            int
	socket        sockets.Socket
	agent, client host.Handle
	part          []byte // of a packet that is not complete
}

// gateMax is the size that a packet must be below.
const gateMax = 1 << 24

func openGate(s *host.Service, args []string) error {
	g := &gate{service: s, clients: map[int]*gateClient{}}
	var header, watchdog, binding string
	line := strings.Join(args, " ")
	if n, _ := fmt.Sscan(line, &header, &watchdog, &binding, &g.kind, &g.max); n < 4 {
		return fmt.Errorf("Invalid gate parm %s", line)
	}
	if g.max <= 0 {
		return fmt.Errorf("Need max connection")
	}
	switch header {
	case "S":
		g.header = 2
	case "L":
		g.header = 4
	default:
		return fmt.Errorf("Invalid data header style")
	}
	if g.kind == 0 {
		g.kind = host.TypeClient
	}
	if watchdog != "!" {
		if g.watchdog = addressOf(s.Host(), watchdog); g.watchdog == 0 {
			return fmt.Errorf("Invalid watchdog %s", watchdog)
		}
	}
	at := strings.LastIndexByte(binding, ':')
	port, err := strconv.ParseUint(binding[at+1:], 10, 16)
	if err != nil {
		return fmt.Errorf("Invalid gate address %s", binding)
	}
	address := "0.0.0.0"
	if at > 0 {
		address = binding[:at]
	}
	return g.listen(address, int(port))
}

func (g *gate) listen(address string, port int) (err error) {
	g.set = sockets.Of(g.service.Host())
	g.owner = g.set.Owner(g.service)
	if g.listener, err = g.set.Listen(g.owner, address, port); err != nil {
		return err
	}
	g.service.SetReceiver(g)
	return g.listener.Start(g.owner, g)
}

// addressOf returns the address behind ":0000000a" or a name, or 0.
func addressOf(h *host.Host, text string) host.Handle {
	a, ok := host.ParseHandle(text)
	if !ok {
		a, _ = h.Lookup(text)
	}
	return a
}

// Receive implements host.Receiver.
func (g *gate) Receive(s *host.Service, m host.Message) {
	switch m.Type {
	case host.TypeText:
		g.command(string(m.Data))
	case host.TypeClient:
		g.write(m)
	default:
		s.Refuse(m)
	}
}

func (g *gate) command(text string) {
	name, parameters, _ := strings.Cut(text, " ")
	words := strings.Fields(parameters)
	c := g.clientOf(words)
	switch name {
	case "":
	case "kick":
		if c != nil {
			c.end()
		}
	case "forward":
		if c != nil && len(words) == 3 {
			c.agent, c.client = addressOf(g.service.Host(), words[1]), addressOf(g.service.Host(), words[2])
		}
	case "broker":
		g.broker = addressOf(g.service.Host(), parameters)
	case "start":
		if c != nil && c.socket.Start(g.owner, c) != nil {
			c.end()
		}
	case "close":
		if g.listener != nil {
			g.listener.Close()
			g.listener = nil
		}
	default:
		g.logf("[gate] Unkown command : %s", text)
	}
}

// clientOf returns the client that the parameters of a command begin with, or nil.
func (g *gate) clientOf(words []string) *gateClient {
	if len(words) == 0 {
		return nil
	}
	id, err := strconv.Atoi(words[0])
	if err != nil {
		return nil
	}
	return g.clients[id]
}

// write sends a client what is in a message.
func (g *gate) write(m host.Message) {
	n := len(m.Data) - 4
	if n <= 0 {
		g.logf("Invalid client message from %x", uint32(m.Source))
		return
	}
	id := int(int32(binary.LittleEndian.Uint32(m.Data[n:])))
	if c := g.clients[id]; c != nil {
		c.socket.Write(slices.Clone(m.Data[:n]), false)
		return
	}
	g.logf("Invalid client id %d from %x", id, uint32(m.Source))
}

func (g *gate) logf(format string, args ...any) {
	g.service.Host().Logf(g.service.Address(), format, args...)
}

// report tells the watchdog, if there is one.
func (g *gate) report(format string, args ...any) {
	if g.watchdog != 0 {
		g.service.Send(g.watchdog, host.Message{Type: host.TypeText, Data: fmt.Appendf(nil, format, args...)})
	}
}

// Accepted implements sockets.Events.
func (g *gate) Accepted(id int, address string) {
	s := g.set.Get(id)
	if s == nil {
		return
	}
	if len(g.clients) >= g.max {
		s.Close()
		return
	}
	g.clients[id] = &gateClient{gate: g, id: id, socket: s}
	g.report("%d open %d %s:0", id, id, address)
	g.logf("socket open: %x", id)
}

// Failed implements sockets.Events.
func (g *gate) Failed(reason string) { g.logf("socket: accept error: %s", reason) }

// The listener has no other events.

// Data implements sockets.Events.
func (g *gate) Data([]byte) (kept bool) { return false }

// Closed implements sockets.Events.
func (g *gate) Closed() {}

// Packet implements sockets.Events.
func (g *gate) Packet(string, string) {}

// Unsent implements sockets.Events.
func (g *gate) Unsent(int) {}

// Data implements sockets.Events.
func (c *gateClient) Data(b []byte) (kept bool) {
	c.receive(b)
	return false
}

// receive cuts bytes into packets.
func (c *gateClient) receive(b []byte) {
	c.part = append(c.part, b...)
	rest := c.part
	for len(rest) >= c.gate.header {
		size := int(binary.BigEndian.Uint16(rest))
		if c.gate.header == 4 {
			size = int(binary.BigEndian.Uint32(rest))
		}
		if size >= gateMax {
			c.gate.logf("Recv socket message > 16M")
			c.end()
			return
		}
		if len(rest) < c.gate.header+size {
			break
		}
		c.forward(rest[c.gate.header:][:size])
		rest = rest[c.gate.header+size:]
	}
	c.part = append(c.part[:0], rest...)
}

// forward hands a packet on.
func (c *gateClient) forward(packet []byte) {
	g := c.gate
	m := host.Message{Type: g.kind, Session: c.id}
	to := g.broker
	switch {
	case to != 0:
	case c.agent != 0:
		to, m.Source = c.agent, c.client
	case g.watchdog != 0:
		to, m.Type = g.watchdog, host.TypeText
		m.Data = fmt.Appendf(nil, "%d data ", c.id)
	default:
		return
	}
	m.Data = append(m.Data, packet...)
	g.service.Send(to, m)
}

// end closes the client's connection, when what was written is sent.
func (c *gateClient) end() {
	if c.gate.clients[c.id] != c {
		return
	}
	delete(c.gate.clients, c.id)
	c.socket.Close()
	c.gate.report("%d close", c.id)
}

// Closed implements sockets.Events.
func (c *gateClient) Closed() { c.end() }

// Failed implements sockets.Events.
func (c *gateClient) Failed(string) { c.end() }

// Accepted implements sockets.Events: a client accepts nobody.
func (c *gateClient) Accepted(int, string) {}

// Packet implements sockets.Events: no datagrams come.
func (c *gateClient) Packet(string, string) {}

// Unsent implements sockets.Events.
func (c *gateClient) Unsent(kilobytes int) {
	if kilobytes > 0 {
		c.gate.logf("fd (%d) send buffer (%d)K", c.id, kilobytes)
	}
}
