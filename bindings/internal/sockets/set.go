// Package sockets is the engine under skynet.socket: the sockets of a host, each with a number and an owner.
//
// Numbers count from 1 through the life of the host; every socket that is listened on, opened or accepted takes one.
// The owner is a service: what happens to a socket is told in that service's turn (see Events), and the socket is
// closed when the service ends. Everything here may be called from any goroutine, if not said otherwise.
package sockets

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/luahost/luahost/host"
)

// Errors of Start, worded as skynet does: scripts see them.
var (
	ErrInvalid = errors.New("invalid socket")
	errSandbox = errors.New("refused in the sandbox")
	ErrClosed  = errors.New("socket closed")
)

// Socket is a connection (Stream), a Listener or a UDP socket (Packets).
type Socket interface {
	ID() int
	// Start makes o the owner, and e the one who is told what happens from now on: bytes are read, clients accepted.
	// It also ends a pause. The error is ErrInvalid or ErrClosed.
	Start(o *Owner, e Events) error
	// Pause stops reading, or accepting, until the next Start.
	Pause()
	// Abandon is Pause, and nobody is told anything more; nothing when the socket has another owner than o by now.
	Abandon(o *Owner)
	// Write sends b, or queues what can't be sent at once; low waits for all that isn't. It keeps b, which must not
	// change any more. False: the socket is closed, or can't be written to.
	Write(b []byte, low bool) bool
	// Close ends the socket when what was written is sent. Nobody is told.
	Close()
	// Shutdown ends the socket at once.
	Shutdown()
	// Info describes the socket.
	Info() Info
}

// Events is told what happens to a socket. Its methods are called in the turn of the service that owns the socket,
// outside of any task.
type Events interface {
	// Data gets bytes that the peer sent. They are valid until it returns, unless it keeps them: then all of b, up to its
	// capacity, is the listener's.
	Data(b []byte) (kept bool)
	// Closed tells that the peer sends no more, or that Shutdown was called. It is called once at most.
	Closed()
	// Failed tells of an error. A stream is of no more use then, a listener goes on.
	Failed(reason string)
	// Accepted gets the number and the address of a new client. Its bytes stay in the kernel until Start.
	Accepted(id int, address string)
	// Packet gets what came in a datagram, and the sender in the form of EncodeAddress.
	Packet(data, from string)
	// Unsent tells that many kilobytes wait to be sent, for the first time at 1024 and then at each doubling,
	// and with 0 that none do any more.
	Unsent(kilobytes int)
}

// Set is the sockets of a host.
type Set struct {
	host    *host.Host
	once    sync.Once
	buffers Buffers
	work    sync.WaitGroup // the goroutines of all sockets
	quiet   quiet

	mu      sync.RWMutex
	last    int
	sockets map[int]Socket
	stdin   *input // made when first asked for
}

type setKey struct{}

// Of returns the sockets of h.
func Of(h *host.Host) *Set {
	t := h.Local(setKey{}, func() any {
		t := &Set{host: h, sockets: map[int]Socket{}}
		t.quiet.set, t.quiet.after = t, quietTime
		return t
	}).(*Set)
	t.once.Do(func() { h.OnClose(t.wait) })
	return t
}

// Buffers returns where bytes that were read are kept.
func (t *Set) Buffers() *Buffers { return &t.buffers }

// Get returns a socket that is not closed yet, or nil.
func (t *Set) Get(id int) Socket {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.sockets[id]
}

// NewID takes a number.
func (t *Set) NewID() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	return t.last
}

// Infos describes all sockets, in the order of their numbers.
func (t *Set) Infos() []Info {
	t.mu.RLock()
	all := make([]Socket, 0, len(t.sockets))
	for _, s := range t.sockets {
		all = append(all, s)
	}
	t.mu.RUnlock()
	slices.SortFunc(all, func(a, b Socket) int { return a.ID() - b.ID() })
	infos := make([]Info, len(all))
	for i, s := range all {
		infos[i] = s.Info()
	}
	return infos
}

// streams returns the connections.
func (t *Set) streams() []*Stream {
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := make([]*Stream, 0, len(t.sockets))
	for _, s := range t.sockets {
		if s, ok := s.(*Stream); ok {
			all = append(all, s)
		}
	}
	return all
}

// wait waits until the sockets of services that have ended are flushed and closed. When ctx ends first, it closes
// them as they are.
func (t *Set) wait(ctx context.Context) {
	defer t.quiet.stop()
	idle := make(chan struct{})
	go func() {
		t.work.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return
	case <-ctx.Done():
	}
	t.mu.RLock()
	all := make([]Socket, 0, len(t.sockets))
	for _, s := range t.sockets {
		all = append(all, s)
	}
	t.mu.RUnlock()
	for _, s := range all {
		s.Shutdown()
	}
	<-idle
}

// add registers a socket. It reports false when the owner has ended: then the caller closes the socket.
func (t *Set) add(s Socket, c *core, o *Owner) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.gone {
		return false
	}
	t.quiet.start()
	t.sockets[c.id] = s
	o.push(c)
	return true
}

func (t *Set) remove(c *core) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sockets, c.id)
	c.unlink()
}

// move gives a socket to another owner. It reports false when that one has ended.
func (t *Set) move(c *core, o *Owner) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.gone {
		return false
	}
	if t.sockets[c.id] != nil {
		c.unlink()
		o.push(c)
	}
	return true
}

// Owner is a service that has sockets.
type Owner struct {
	Service *host.Service

	set   *Set
	first *core // of its sockets; guarded by Set.mu
	gone  bool
	had   bool // a socket, ever
}

type ownerKey struct{}

// Owner returns svc as an owner. It must be called in the service's turn.
func (t *Set) Owner(svc *host.Service) *Owner {
	return svc.Local(ownerKey{}, func() any {
		o := &Owner{Service: svc, set: t}
		svc.OnExit(o.exit)
		svc.AddResources(o.resources)
		return o
	}).(*Owner)
}

// exit closes the sockets of a service that ends, the oldest first: that is the listener, if there is one.
func (o *Owner) exit() {
	t := o.set
	t.mu.Lock()
	o.gone = true
	var all []Socket
	for c := o.first; c != nil; c = c.next {
		all = append(all, t.sockets[c.id])
	}
	t.mu.Unlock()
	for _, s := range slices.Backward(all) {
		s.Close()
	}
}

// resources tells whether the owner has had sockets, and whether one of them can still bring something.
func (o *Owner) resources() (had, used bool) {
	o.set.mu.RLock()
	had = o.had
	var all []Socket // to be asked without the lock, which is taken under theirs
	for c := o.first; c != nil; c = c.next {
		all = append(all, o.set.sockets[c.id])
	}
	o.set.mu.RUnlock()
	for _, s := range all {
		if s, ok := s.(*Stream); !ok || !s.over() {
			return had, true
		}
	}
	return had, false
}

// push adds a socket to the owner's list, which Set.mu guards.
func (o *Owner) push(c *core) {
	o.had = true
	c.list = o
	c.prev, c.next = nil, o.first
	if o.first != nil {
		o.first.prev = c
	}
	o.first = c
}

// core is what all sockets have.
type core struct {
	set *Set
	id  int

	list       *Owner // whose list the socket is in; with prev and next guarded by Set.mu
	prev, next *core

	mu     sync.Mutex
	owner  *Owner
	events Events // nil: nobody wants to know
}

// ID returns the socket's number.
func (c *core) ID() int { return c.id }

func (c *core) unlink() {
	if c.list == nil {
		return
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		c.list.first = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.list, c.prev, c.next = nil, nil, nil
}

// adopt makes o the owner and e the listener; c.mu is held.
func (c *core) adopt(o *Owner, e Events) error {
	if c.owner != o && !c.set.move(c, o) {
		return ErrInvalid
	}
	c.owner, c.events = o, e
	return nil
}

// eventsIn returns who is to be told in the turn of svc: nil when the socket has another owner by now.
func (c *core) eventsIn(svc *host.Service) Events {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.owner.Service != svc {
		return nil
	}
	return c.events
}

// tell has f called in the owner's turn; with nil when nobody wants to know. The caller holds no lock and is
// in nobody's turn: an idle service is entered at once, on the caller's goroutine.
func (c *core) tell(f func(Events)) {
	run, svc := c.teller(f)
	if !svc.Enter(run) && !svc.Post(run) {
		f(nil)
	}
}

// post is tell for a caller that may be in a turn.
func (c *core) post(f func(Events)) {
	run, svc := c.teller(f)
	if !svc.Post(run) {
		f(nil)
	}
}

func (c *core) teller(f func(Events)) (run func(*host.Service), svc *host.Service) {
	c.mu.Lock()
	svc = c.owner.Service
	c.mu.Unlock()
	return func(svc *host.Service) { f(c.eventsIn(svc)) }, svc
}
