package sockets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"
)

const (
	// Accepting that fails, most of all for want of file descriptors, is tried again after a time that doubles
	// from the first of these to the second.
	minBackOff = 5 * time.Millisecond
	maxBackOff = time.Second
)

// Listener accepts TCP connections.
type Listener struct {
	intake
	net     *net.TCPListener
	traffic traffic // clients; guarded by core.mu
}

// Listen makes a socket that accepts connections to a port of an address of this machine, once it is started.
// The port may be 0, for any. The error names the address.
func (t *Set) Listen(o *Owner, host string, port int) (*Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	nl, err := (&net.ListenConfig{}).Listen(context.Background(), network("tcp", host), address)
	if err != nil {
		return nil, listenError(address, err)
	}
	tcp := nl.(*net.TCPListener)
	l := &Listener{intake: newIntake(t, o, tcp, tcp.SetDeadline), net: tcp}
	l.take = l.accept
	if !t.add(l, &l.core, o) {
		_ = nl.Close()
		return nil, ErrInvalid
	}
	return l, nil
}

// network limits an IPv4 address to IPv4: the Go library would take 0.0.0.0 for all addresses of both families.
func network(proto, host string) string {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		return proto + "4"
	}
	return proto
}

// Address returns where the listener listens.
func (l *Listener) Address() (host string, port int) {
	a := l.net.Addr().(*net.TCPAddr)
	return a.AddrPort().Addr().Unmap().String(), a.Port
}

// Write implements Socket: there is nobody to write to.
func (l *Listener) Write([]byte, bool) bool { return false }

// accept is the listener's goroutine: it ends when nobody wants clients.
func (l *Listener) accept() {
	var back backOff
	for l.wanted() {
		select {
		case l.unseen <- struct{}{}:
		case <-l.done:
			continue
		}
		c, err := l.net.AcceptTCP()
		if err == nil {
			back = backOff{}
			l.admit(c)
			continue
		}
		<-l.unseen
		if l.wanted() {
			l.refused(&back, err)
		}
	}
}

// admit registers a client, and tells the owner.
func (l *Listener) admit(c *net.TCPConn) {
	peer := addressText(c.RemoteAddr())
	l.mu.Lock()
	l.traffic.add(1, l.set.host.Now())
	owner := l.owner
	l.mu.Unlock()
	s := l.set.newStream(l.set.NewID(), owner, c, "TCP", peer)
	if s == nil {
		<-l.unseen
		return
	}
	l.tell(func(e Events) {
		<-l.unseen
		if e == nil {
			s.Close()
			return
		}
		e.Accepted(s.id, peer)
	})
}

// refused waits after an error, and logs it unless it did so a moment ago.
func (l *Listener) refused(back *backOff, err error) {
	if errors.Is(err, net.ErrClosed) {
		l.Close()
		return
	}
	delay, report := back.next(time.Now())
	if report {
		reason := Reason(err)
		l.tell(func(e Events) {
			if e != nil {
				e.Failed(reason)
			}
		})
	}
	wait := time.NewTimer(delay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-l.done:
	}
}

// backOff is the state of a series of failures.
type backOff struct {
	delay    time.Duration
	reported time.Time
}

// next returns how long to wait, and whether to report the failure: once in ten seconds is enough.
func (b *backOff) next(now time.Time) (delay time.Duration, report bool) {
	b.delay = min(max(2*b.delay, minBackOff), maxBackOff)
	if report = now.Sub(b.reported) >= 10*time.Second; report {
		b.reported = now
	}
	return b.delay, report
}

// Info implements Socket.
func (l *Listener) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Info{
		ID: l.id, Owner: l.owner.Service.Address(), Type: "LISTEN",
		Local: addressText(l.net.Addr()), Read: l.traffic, Reading: l.taking,
	}
}
