package skynet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
)

// carrier is the service harbor, which carries messages between the nodes of a network, in skynet's form: on a connection, each side first sends its own
// id, a byte; then come messages: 4 bytes of length (big-endian, at most 2^24-1), the content, and 12 bytes of source,
// destination and session, where the top byte of the destination is the message's type.
//
// Who the other nodes are, the service cslave finds out. It tells by messages of type harbor: "S socket id" to connect, "A
// socket id" for who has connected, "N name" from the address that has a name. It is told, as text: "Q name" asks for a
// name, "D id" says that a node is gone.
type carrier struct {
	service *host.Service
	set     *sockets.Set
	owner   *sockets.Owner
	id      uint8
	slave   host.Handle

	mu    sync.Mutex
	nodes map[uint8]*node
	held  int      // messages that wait for nodes
	lost  []parcel // that can't be sent
}

// node is another node.
type node struct {
	state  nodeState
	socket sockets.Socket
	queue  []parcel
	part   []byte // of a message that is not complete
}

type nodeState uint8

const (
	nodeUnknown nodeState = iota // messages wait
	nodeGreeted                  // messages wait until it has told its id
	nodeUp
	nodeDown
)

// parcel is a message on its way.
type parcel struct {
	to host.Handle
	m  host.Message
}

const (
	harborTrailer = 12
	harborMax     = 1<<24 - 1 // bytes of a message with its trailer
	harborHeld    = 1 << 16   // messages that may wait
)

// openHarbor makes a service the harbor of the node; its arguments are the node's id and the address of cslave.
func openHarbor(s *host.Service, args []string) error {
	h := &carrier{service: s, nodes: map[uint8]*node{}, id: s.Host().Harbor()}
	if len(args) > 1 {
		slave, err := strconv.ParseUint(args[1], 10, 32)
		if err != nil {
			return fmt.Errorf("harbor: %s is not the address of the slave", args[1])
		}
		h.slave = host.Handle(slave)
	}
	h.set = sockets.Of(s.Host())
	h.owner = h.set.Owner(s)
	s.SetReceiver(h)
	if h.id != 0 {
		s.Host().SetRemote(h)
	}
	return nil
}

// Receive implements host.Receiver.
func (h *carrier) Receive(s *host.Service, m host.Message) {
	if m.Type != host.TypeHarbor {
		s.Refuse(m)
		return
	}
	switch command, text, _ := strings.Cut(string(m.Data), " "); command {
	case "N":
		s.Host().Register(text, m.Source)
	case "S", "A":
		var socket int
		var id uint8
		if _, err := fmt.Sscanf(text, "%d %d", &socket, &id); err != nil || id == 0 || id == h.id {
			s.Host().Logf(s.Address(), "Invalid command %s %s", command, text)
			return
		}
		h.link(socket, id, command == "A")
	default:
		s.Host().Logf(s.Address(), "Unknown command %s", m.Data)
	}
}

// link takes over the connection to a node, and says who this one is. The id of one that has connected is known already.
func (h *carrier) link(socket int, id uint8, known bool) {
	h.mu.Lock()
	defer h.unlock()
	n := h.node(id)
	if n.socket != nil {
		h.logf("Harbor %d already exist", id)
		return
	}
	n.socket = h.set.Get(socket)
	if n.socket == nil || n.socket.Start(h.owner, &harborLink{h, id}) != nil {
		h.logf("Invalid socket %d of harbor %d", socket, id)
		h.down(id, n)
		return
	}
	n.socket.Write([]byte{h.id}, false)
	n.state = nodeGreeted
	if known {
		h.up(n)
	}
}

func (h *carrier) logf(format string, args ...any) {
	h.service.Host().Logf(h.service.Address(), format, args...)
}

// tell sends a text to the slave.
func (h *carrier) tell(text string) {
	h.service.Host().Post(h.slave, host.Message{Type: host.TypeText, Source: h.service.Address(), Data: []byte(text)})
}

func (h *carrier) node(id uint8) *node {
	n := h.nodes[id]
	if n == nil {
		n = &node{}
		h.nodes[id] = n
	}
	return n
}

// up sends what has waited for a node.
func (h *carrier) up(n *node) {
	n.state = nodeUp
	for _, p := range n.queue {
		h.write(n, p)
	}
	h.held -= len(n.queue)
	n.queue = nil
}

// down notes that a node is gone, and fails what was to be sent to it.
func (h *carrier) down(id uint8, n *node) {
	if n.state == nodeDown {
		return
	}
	n.state = nodeDown
	h.held -= len(n.queue)
	h.lost = append(h.lost, n.queue...)
	n.queue, n.part = nil, nil
	h.service.Host().NodeGone(id)
	h.tell(fmt.Sprintf("D %d", id))
}

// unlock releases mu, and then fails what was lost meanwhile: who sent it may be on another node.
func (h *carrier) unlock() {
	lost := h.lost
	h.lost = nil
	h.mu.Unlock()
	for _, p := range lost {
		h.drop(p)
	}
}

// drop fails a message that can't be sent.
func (h *carrier) drop(p parcel) {
	h.logf("Drop message to harbor %d from %x to %x (session = %d, msgsz = %d)", p.to>>24, uint32(p.m.Source), uint32(p.to), p.m.Session, len(p.m.Data))
	if p.m.Session != 0 && p.m.Type != host.TypeError && p.m.Type != host.TypeResponse {
		h.service.Host().Post(p.m.Source, host.Message{Type: host.TypeError, Source: p.to, Session: p.m.Session})
	}
}

// Send implements host.Remote.
func (h *carrier) Send(to host.Handle, m host.Message) bool {
	p := parcel{to, m}
	h.mu.Lock()
	defer h.unlock()
	n := h.node(uint8(to >> 24))
	switch {
	case n.state == nodeUp:
		h.write(n, p)
	case n.state == nodeDown || h.held >= harborHeld:
		h.lost = append(h.lost, p)
	default:
		n.queue = append(n.queue, p)
		h.held++
	}
	return true
}

// Ask implements host.Remote.
func (h *carrier) Ask(name string) { h.tell("Q " + name) }

func (h *carrier) write(n *node, p parcel) {
	size := len(p.m.Data) + harborTrailer
	if size > harborMax {
		h.lost = append(h.lost, p)
		return
	}
	b := make([]byte, 0, 4+size)
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	b = append(b, p.m.Data...)
	b = binary.BigEndian.AppendUint32(b, uint32(p.m.Source))
	b = binary.BigEndian.AppendUint32(b, uint32(p.to)&(1<<24-1)|uint32(p.m.Type)<<24)
	b = binary.BigEndian.AppendUint32(b, uint32(p.m.Session))
	n.socket.Write(b, false)
}

// harborLink implements sockets.Events for the connection to a node.
type harborLink struct {
	harbor *carrier
	id     uint8
}

// Data implements sockets.Events.
func (l *harborLink) Data(b []byte) (kept bool) {
	l.receive(b)
	return false
}

// receive takes bytes of the other node.
func (l *harborLink) receive(b []byte) {
	h := l.harbor
	h.mu.Lock()
	n := h.node(l.id)
	if n.state == nodeGreeted && len(b) > 0 {
		if b[0] != l.id {
			h.logf("Invalid shakehand id (%d), harbor = %d", b[0], l.id)
			h.unlock()
			l.close()
			return
		}
		b = b[1:]
		h.up(n)
	}
	if n.state != nodeUp {
		h.unlock()
		return
	}
	messages, err := n.receive(b, h.id)
	h.unlock()
	for _, p := range messages {
		h.forward(p)
	}
	if err != nil {
		h.logf("%v from harbor %d", err, l.id)
		l.close()
	}
}

// receive cuts bytes into messages.
func (n *node) receive(b []byte, id uint8) (list []parcel, err error) {
	n.part = append(n.part, b...)
	rest := n.part
	for len(rest) >= 4 {
		size := int(binary.BigEndian.Uint32(rest))
		if size > harborMax {
			return list, errors.New("message is too long")
		}
		if size < harborTrailer {
			return list, fmt.Errorf("invalid message size %d", size)
		}
		if len(rest) < 4+size {
			break
		}
		content, trailer := rest[4:4+size-harborTrailer], rest[4+size-harborTrailer:]
		to := binary.BigEndian.Uint32(trailer[4:])
		list = append(list, parcel{
			to: host.Handle(to&(1<<24-1) | uint32(id)<<24),
			m: host.Message{
				Type:    host.MessageType(to >> 24),
				Source:  host.Handle(binary.BigEndian.Uint32(trailer)),
				Session: int(int32(binary.BigEndian.Uint32(trailer[8:]))),
				Data:    append([]byte(nil), content...),
			},
		})
		rest = rest[4+size:]
	}
	n.part = append(n.part[:0], rest...)
	return list, nil
}

// forward hands a message to a service of this node.
func (h *carrier) forward(p parcel) {
	if h.service.Host().Post(p.to, p.m) {
		return
	}
	if p.m.Type != host.TypeError {
		h.Send(p.m.Source, host.Message{Type: host.TypeError, Source: p.to, Session: p.m.Session})
	}
	h.logf("Unknown destination :%x from :%x type(%d)", uint32(p.to), uint32(p.m.Source), p.m.Type)
}

func (l *harborLink) close() {
	h := l.harbor
	h.mu.Lock()
	defer h.unlock()
	n := h.node(l.id)
	n.socket.Close()
	h.down(l.id, n)
}

// Closed implements sockets.Events.
func (l *harborLink) Closed() { l.close() }

// Failed implements sockets.Events.
func (l *harborLink) Failed(string) { l.close() }

// Accepted implements sockets.Events: a connection accepts nobody.
func (l *harborLink) Accepted(int, string) {}

// Packet implements sockets.Events: no datagrams come.
func (l *harborLink) Packet(string, string) {}

// Unsent implements sockets.Events.
func (l *harborLink) Unsent(kilobytes int) {
	if kilobytes > 0 {
		l.harbor.logf("Harbor %d : %d Kb need to send", l.id, kilobytes)
	}
}
