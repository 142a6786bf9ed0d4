package sockets

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/tcpread"
)

const (
	// flushTime is how long a socket that was closed waits for the peer to take the next batch of what was written.
	flushTime = 10 * time.Second

	// lingerTime is how long a closed connection goes on to take, and throw away, what the peer still sends: closed
	// at once, its reset could overtake the last answer (RFC 9112, section 9.6).
	lingerTime = 2 * time.Second
)

// conn is what a Stream reads from and writes to: a TCP connection, a pipe, standard input.
type conn interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Stream is a connection. It has a goroutine while it reads, if it is not quiet, and another one while something waits to be
// sent.
type Stream struct {
	core
	conn conn
	raw  syscall.RawConn // nil when conn has none
	kind string          // of Info
	peer string

	halt atomic.Bool // the reader is to leave bytes in the kernel; written under mu

	// Guarded by core.mu.
	phase     phase
	reading   bool          // the reader's goroutine exists
	parked    bool          // it waits for bytes, or is about to
	retire    bool          // it is to put the connection to rest
	resting   bool          // the poller waits in its place, and it has no goroutine
	seen      int64         // bytes that had come at the last sweep
	paused    bool          // nobody wants bytes now
	stalled   bool          // the owner is busy and too many wait for it
	ended     bool          // the peer sends no more
	failed    bool          // by an error
	pending   []byte        // read while the owner was busy
	posted    bool          // the owner has a message to take them
	closeLast bool          // the reader is to close the connection
	gone      chan struct{} // made by Take, closed when the reader is not parked any more
	in        traffic

	// Of the reader's goroutine.
	lent  []byte // for onEnter
	large bool   // the last bytes filled the buffer
	tcp   tcpread.State

	out writer

	// Made once, because a method value costs an allocation.
	onReadable func(fd uintptr) bool
	onEnter    func(*host.Service)
	onTake     func(*host.Service)
}

type phase uint8

const (
	phaseOpen    phase = iota
	phaseClosing       // what is queued is being sent
	phaseTaken         // the connection is somebody else's
	phaseClosed
)

// traffic counts one direction of a socket.
type traffic struct {
	bytes int64
	last  int64 // hundredths of a second, as Host.Now
}

func (t *traffic) add(n int, now int64) { t.bytes, t.last = t.bytes+int64(n), now }

// newStream registers a connection; nil when the owner has ended, then c is closed.
func (t *Set) newStream(id int, o *Owner, c conn, kind, peer string) *Stream {
	s := &Stream{conn: c, kind: kind, peer: peer, paused: true}
	s.set, s.id, s.owner = t, id, o
	s.halt.Store(true)
	if sc, ok := c.(syscall.Conn); ok {
		s.raw, _ = sc.SyscallConn()
	}
	if _, ok := c.(*net.TCPConn); ok && s.raw != nil {
		_ = s.raw.Control(s.tcp.Prepare)
		s.out.socket = true
	}
	s.onReadable, s.onEnter, s.onTake = s.whenReadable(), s.enter, s.take
	s.out.onWritable = s.out.writable
	s.out.warnAt = warnSize
	if !t.add(s, &s.core, o) {
		_ = c.Close()
		return nil
	}
	return s
}

// Start implements Socket.
func (s *Stream) Start(o *Owner, e Events) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase != phaseOpen || s.failed:
		return ErrInvalid
	case s.ended:
		return ErrClosed
	}
	if s.owner != o {
		// What the old owner was to take is dropped, as in skynet.
		s.dropPending()
		s.posted = false
	}
	if err := s.adopt(o, e); err != nil {
		return err
	}
	s.paused = false
	s.run()
	return nil
}

// Pause implements Socket.
func (s *Stream) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = true
	s.halt.Store(true)
}

// Abandon implements Socket.
func (s *Stream) Abandon(o *Owner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner != o {
		return
	}
	s.events = nil
	s.dropPending()
	s.paused = true
	s.halt.Store(true)
}

func (s *Stream) dropPending() {
	s.set.buffers.Put(s.pending)
	s.pending = nil
	s.stalled = false
}

// Close implements Socket.
func (s *Stream) Close() {
	s.mu.Lock()
	if s.phase != phaseOpen {
		s.mu.Unlock()
		return
	}
	s.phase = phaseClosing
	s.events = nil
	s.dropPending()
	s.halt.Store(true)
	s.mu.Unlock()

	w := &s.out
	w.mu.Lock()
	w.closed = true
	busy := w.busy
	if busy {
		_ = s.conn.SetWriteDeadline(time.Now().Add(flushTime))
	}
	w.mu.Unlock()
	if !busy {
		s.finish()
	}
}

// finish closes the connection after everything was sent.
func (s *Stream) finish() {
	if s.unread() {
		s.set.work.Go(s.linger)
		return
	}
	s.release()
}

// unread tells whether the peer has sent bytes that nobody read.
func (s *Stream) unread() bool {
	s.mu.Lock()
	// A reader that is parked has left nothing; and to probe would mean to wait for it.
	look := s.phase == phaseClosing && !s.parked && !s.ended && !s.failed
	s.mu.Unlock()
	return look && s.probe()
}

// linger closes the connection when the peer has, or after lingerTime.
func (s *Stream) linger() {
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
		_ = s.conn.SetReadDeadline(time.Now().Add(lingerTime))
		b := s.set.buffers.Get(true)
		for {
			if _, err := s.conn.Read(b); err != nil {
				break
			}
		}
		s.set.buffers.Put(b)
	}
	s.release()
}

// release closes the connection as it is.
func (s *Stream) release() {
	s.mu.Lock()
	if s.phase >= phaseTaken {
		s.mu.Unlock()
		return
	}
	s.phase = phaseClosed
	s.mu.Unlock()
	s.cut()
	s.set.remove(&s.core)
}

// cut closes the connection. A reader that is delivering does it when it comes back: to close the connection means to wait
// for it, and this may be the turn that it has called.
func (s *Stream) cut() {
	s.mu.Lock()
	s.closeLast = s.reading && !s.parked
	last := s.closeLast
	s.mu.Unlock()
	if last {
		s.hangUp()
	} else {
		_ = s.conn.Close()
	}
}

// Shutdown implements Socket.
func (s *Stream) Shutdown() {
	s.mu.Lock()
	if s.phase >= phaseTaken {
		s.mu.Unlock()
		return
	}
	tell := s.phase == phaseOpen && !s.ended && !s.failed && s.events != nil
	s.ended = true
	s.phase = phaseClosed
	s.halt.Store(true)
	s.mu.Unlock()

	s.out.mu.Lock()
	s.out.closed = true
	s.out.drop()
	s.out.mu.Unlock()

	s.cut()
	s.set.remove(&s.core)
	if tell {
		s.post(func(e Events) {
			if e != nil {
				e.Closed()
			}
		})
	}
}

// fail tells the owner of an error, once.
func (s *Stream) fail(err error) {
	s.mu.Lock()
	if s.phase != phaseOpen || s.failed {
		s.mu.Unlock()
		return
	}
	s.failed = true
	s.halt.Store(true)
	s.mu.Unlock()
	reason := Reason(err)
	s.post(func(e Events) {
		if e == nil {
			s.Shutdown()
			return
		}
		e.Failed(reason)
	})
}

// Info implements Socket.
func (s *Stream) Info() Info {
	s.mu.Lock()
	i := Info{ID: s.id, Owner: s.owner.Service.Address(), Type: s.kind, Peer: s.peer, Read: s.in, Reading: !s.halt.Load()}
	if s.phase == phaseClosing {
		i.Type = "CLOSING"
	}
	s.mu.Unlock()
	w := &s.out
	w.mu.Lock()
	i.Written, i.Unsent, i.Writing = w.traffic, w.queued, w.busy
	w.mu.Unlock()
	if c, ok := s.conn.(net.Conn); ok {
		i.Local = addressText(c.LocalAddr())
	}
	return i
}

// over reports whether the peer sends no more.
func (s *Stream) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended || s.failed
}
