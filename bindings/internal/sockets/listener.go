package sockets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	// maxUnseen is how many clients, or datagrams, a busy owner may be behind before no more are taken from the kernel.
	maxUnseen = 128

	// Accepting that fails, most of all for want of file descriptors, is tried again after a time that doubles
	// from the first of these to the second.
	minBackOff = 5 * time.Millisecond
	maxBackOff = time.Second
)

// Listener accepts TCP connections.
type Listener struct {
	core
	net *net.TCPListener

	// Guarded by core.mu.
	accepting bool // the goroutine exists
	paused    bool
	traffic   traffic // clients

	unseen  chan struct{} // has an element for each client that the owner has not been told of
	done    chan struct{} // closed with the listener
	closing sync.Once
}

// Listen makes a socket that accepts connections to a port of an address of this machine, once it is started.
// The port may be 0, for any. The error names the address.
func (t *Set) Listen(o *Owner, host string, port int) (*Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	nl, err := (&net.ListenConfig{}).Listen(context.Background(), network("tcp", host), address)
	if err != nil {
		return nil, listenError(address, err)
	}
	l := &Listener{
		net:    nl.(*net.TCPListener),
		paused: true,
		unseen: make(chan struct{}, maxUnseen),
		done:   make(chan struct{}),
	}
	l.set, l.id, l.owner = t, t.NewID(), o
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

// Start implements Socket.
func (l *Listener) Start(o *Owner, e Events) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed() {
		return ErrInvalid
	}
	if err := l.adopt(o, e); err != nil {
		return err
	}
	l.paused = false
	_ = l.net.SetDeadline(time.Time{})
	if !l.accepting {
		l.accepting = true
		l.set.work.Go(l.accept)
	}
	return nil
}

// Pause implements Socket.
func (l *Listener) Pause() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pause()
}

func (l *Listener) pause() {
	l.paused = true
	_ = l.net.SetDeadline(time.Unix(1, 0)) // wakes the accept that waits
}

// Abandon implements Socket.
func (l *Listener) Abandon(o *Owner) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner != o {
		return
	}
	l.events = nil
	l.pause()
}

// Write implements Socket: there is nobody to write to.
func (l *Listener) Write([]byte, bool) bool { return false }

// Close implements Socket.
func (l *Listener) Close() {
	l.closing.Do(func() {
		close(l.done)
		_ = l.net.Close()
		l.set.remove(&l.core)
	})
}

// Shutdown implements Socket.
func (l *Listener) Shutdown() {
	if l.closed() {
		return
	}
	l.Close()
	l.post(func(e Events) {
		if e != nil {
			e.Closed()
		}
	})
}

func (l *Listener) closed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

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

// wanted reports whether clients are to be accepted; else the goroutine ends.
func (l *Listener) wanted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepting = !l.paused && !l.closed()
	return l.accepting
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
		Local: addressText(l.net.Addr()), Read: l.traffic, Reading: l.accepting,
	}
}
