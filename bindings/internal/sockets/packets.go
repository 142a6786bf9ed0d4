package sockets

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// maxPacket is the size of the largest datagram that UDP can carry.
const maxPacket = 64 << 10

// Packets is a UDP socket.
type Packets struct {
	intake
	conn *net.UDPConn

	// Guarded by core.mu.
	peer        netip.AddrPort // that Write sends to
	in, written traffic
}

// ListenPackets makes a UDP socket on a port of an address of this machine; an empty host is any IPv4 address, port 0
// any port.
func (t *Set) ListenPackets(o *Owner, host string, port int) (*Packets, error) {
	if host == "" {
		host = "0.0.0.0"
	}
	address := net.JoinHostPort(host, strconv.Itoa(port))
	proto := network("udp", host)
	a, err := net.ResolveUDPAddr(proto, address)
	if err != nil {
		return nil, listenError(address, err)
	}
	c, err := net.ListenUDP(proto, a)
	if err != nil {
		return nil, listenError(address, err)
	}
	p := &Packets{intake: newIntake(t, o, c, c.SetReadDeadline), conn: c}
	p.take = p.receive
	if !t.add(p, &p.core, o) {
		_ = c.Close()
		return nil, ErrInvalid
	}
	return p, nil
}

// DialPackets makes a UDP socket that Write sends from to a peer.
func (t *Set) DialPackets(o *Owner, host string, port int) (*Packets, error) {
	a, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	local := "0.0.0.0"
	if a.IP.To4() == nil {
		local = "::"
	}
	p, err := t.ListenPackets(o, local, 0)
	if err != nil {
		return nil, err
	}
	p.setPeer(a)
	return p, nil
}

// Connect decides where Write sends to. Datagrams are still taken from anybody, as in skynet.
func (p *Packets) Connect(host string, port int) error {
	a, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	p.setPeer(a)
	return nil
}

func (p *Packets) setPeer(a *net.UDPAddr) {
	peer := a.AddrPort()
	p.mu.Lock()
	p.peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
	p.mu.Unlock()
}

// Write implements Socket: it sends a datagram to the peer that Connect or DialPackets has set.
func (p *Packets) Write(b []byte, _ bool) bool {
	p.mu.Lock()
	peer := p.peer
	p.mu.Unlock()
	return peer.IsValid() && p.SendTo(b, peer)
}

// SendTo sends a datagram. It reports false when it can't be sent.
func (p *Packets) SendTo(b []byte, to netip.AddrPort) bool {
	n, err := p.conn.WriteToUDPAddrPort(b, to)
	p.mu.Lock()
	p.written.add(n, p.set.host.Now())
	p.mu.Unlock()
	return err == nil
}

// receive is the socket's goroutine: it ends when nobody wants datagrams. While the owner is too far behind, the
// kernel keeps datagrams, and drops them when it has too many.
func (p *Packets) receive() {
	b := make([]byte, maxPacket)
	for p.wanted() {
		select {
		case p.unseen <- struct{}{}:
		case <-p.done:
			continue
		}
		n, from, err := p.conn.ReadFromUDPAddrPort(b)
		switch {
		case err == nil:
			p.deliver(string(b[:n]), from)
		case errors.Is(err, net.ErrClosed):
			<-p.unseen
			p.Close()
		default: // that an earlier datagram did not arrive, on some systems; or the end of a pause
			<-p.unseen
		}
	}
}

func (p *Packets) deliver(data string, from netip.AddrPort) {
	p.mu.Lock()
	p.in.add(len(data), p.set.host.Now())
	p.mu.Unlock()
	sender := EncodeAddress(from)
	p.tell(func(e Events) {
		<-p.unseen
		if e != nil {
			e.Packet(data, sender)
		}
	})
}

// Info implements Socket.
func (p *Packets) Info() Info {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := Info{
		ID: p.id, Owner: p.owner.Service.Address(), Type: "UDP", Local: addressText(p.conn.LocalAddr()),
		Read: p.in, Written: p.written, Reading: p.taking,
	}
	if p.peer.IsValid() {
		i.Peer = addressPortText(p.peer)
	}
	return i
}

// The first byte of an encoded address.
const (
	addressIPv4 = 1
	addressIPv6 = 2
)

// EncodeAddress makes the string by which scripts know the sender of a datagram, of the sizes that skynet's have:
// a byte for the family, two for the port and 4 or 16 for the address.
func EncodeAddress(a netip.AddrPort) string {
	ip := a.Addr().Unmap()
	family := byte(addressIPv6)
	if ip.Is4() {
		family = addressIPv4
	}
	b := binary.BigEndian.AppendUint16([]byte{family}, a.Port())
	return string(append(b, ip.AsSlice()...))
}

// DecodeAddress is the inverse of EncodeAddress; ok is false for any other string.
func DecodeAddress(s string) (a netip.AddrPort, ok bool) {
	switch {
	case len(s) == 7 && s[0] == addressIPv4:
	case len(s) == 19 && s[0] == addressIPv6:
	default:
		return netip.AddrPort{}, false
	}
	ip, ok := netip.AddrFromSlice([]byte(s[3:]))
	return netip.AddrPortFrom(ip, binary.BigEndian.Uint16([]byte(s[1:3]))), ok
}
