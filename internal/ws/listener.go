package ws

import (
	"net"
	"net/netip"
	"sync"
)

// Listener accepts connections for an Upgrader's server, up to a number in all and of one address; it closes those
// beyond at once.
type Listener struct {
	net.Listener
	most, mostPerAddress int
	refused              func(addr net.Addr, reason string)

	mu        sync.Mutex
	open      int
	addresses map[netip.Addr]int
}

// NewListener bounds a listener. 0 stands for the defaults, a negative number for no bound. refused may be nil.
func NewListener(l net.Listener, most, mostPerAddress int, refused func(addr net.Addr, reason string)) *Listener {
	setDefault(&most, DefaultConnections)
	setDefault(&mostPerAddress, DefaultPerAddress)
	return &Listener{Listener: l, most: most, mostPerAddress: mostPerAddress, refused: refused, addresses: map[netip.Addr]int{}}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := addressOf(c)
		reason := l.enter(addr)
		if reason == "" {
			w := newWire(c)
			w.listener, w.addr = l, addr
			return w, nil
		}
		_ = c.Close()
		if l.refused != nil {
			l.refused(c.RemoteAddr(), reason)
		}
	}
}

// Open returns the number of connections.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *Listener) enter(addr netip.Addr) (reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.most > 0 && l.open >= l.most:
		return "too many connections"
	case l.mostPerAddress > 0 && l.addresses[addr] >= l.mostPerAddress:
		return "too many connections of this address"
	}
	l.open++
	l.addresses[addr]++
	return ""
}

func (l *Listener) leave(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.addresses[addr]--; l.addresses[addr] == 0 {
		delete(l.addresses, addr)
	}
}

// addressOf returns who is counted as one: an IPv4 address, a /64 of IPv6.
func addressOf(c net.Conn) netip.Addr {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr := tcp.AddrPort().Addr().Unmap()
	if addr.Is6() {
		if prefix, err := addr.WithZone("").Prefix(64); err == nil {
			addr = prefix.Addr()
		}
	}
	return addr
}
