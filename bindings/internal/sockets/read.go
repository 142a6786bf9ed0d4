package sockets

import (
	"errors"
	"io"
	"os"

	"github.com/luahost/luahost/host"
)

// maxPending is how many bytes wait for a busy owner before reading stops.
const maxPending = 128 << 10

// run lets the reader go on, or starts it; mu is held.
func (s *Stream) run() {
	if s.phase != phaseOpen || s.ended || s.failed || s.paused || s.stalled {
		return
	}
	s.halt.Store(false)
	if !s.reading {
		s.reading = true
		s.set.work.Go(s.read)
		s.set.quiet.watch()
	}
}

// read is the reader's goroutine: it ends when nobody wants bytes, and when the connection is put to rest.
func (s *Stream) read() {
	for s.park() {
		if err := s.receive(); errors.Is(err, os.ErrDeadlineExceeded) {
			if s.retired() {
				return
			}
		} else if err != nil {
			s.fails(err)
		}
	}
	s.mu.Lock()
	last := s.closeLast
	s.closeLast = false
	s.mu.Unlock()
	if last {
		_ = s.conn.Close()
	}
}

// fails is fail, or end, for what the reader has met.
func (s *Stream) fails(err error) {
	if err == io.EOF {
		s.end()
		return
	}
	s.mu.Lock()
	s.unpark()
	s.mu.Unlock()
	s.fail(err)
}

// park reports whether the reader should wait for bytes; else its goroutine ends.
func (s *Stream) park() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.halt.Load() {
		s.reading = false
		s.unpark()
		return false
	}
	s.parked = true
	return true
}

// unpark notes that the reader has done with the connection for now; mu is held.
func (s *Stream) unpark() {
	s.parked = false
	if s.gone != nil {
		close(s.gone)
		s.gone = nil
	}
}

// hand delivers the first n bytes of b, which is of the pool.
func (s *Stream) hand(b []byte, n int) {
	if !s.deliver(b[:n]) {
		s.set.buffers.Put(b)
	}
}

// deliver hands bytes to the owner: at once if it is idle, on this goroutine. It reports whether b is kept.
// The reader counts as parked until somebody has the bytes: see Take.
func (s *Stream) deliver(b []byte) (kept bool) {
	s.mu.Lock()
	svc := s.owner.Service
	s.mu.Unlock()
	s.lent = b
	entered := svc.Enter(s.onEnter)
	kept = s.lent == nil
	s.lent = nil
	return kept || !entered && s.queue(b)
}

// enter delivers in the owner's turn.
func (s *Stream) enter(svc *host.Service) {
	s.mu.Lock()
	s.unpark()
	s.in.add(len(s.lent), s.set.host.Now()) // here: what the owner finds counted has come to it
	e := s.events
	if s.owner.Service != svc {
		e = nil
	}
	s.mu.Unlock()
	if b := s.lent; e != nil {
		s.lent = nil // after a panic nobody knows whether it is kept
		if !e.Data(b) {
			s.lent = b
		}
	}
}

// queue keeps bytes until the owner takes them. It reports whether it keeps b itself.
func (s *Stream) queue(b []byte) (kept bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unpark()
	s.in.add(len(b), s.set.host.Now())
	if s.events == nil && s.phase != phaseTaken {
		return false
	}
	if kept = s.pending == nil; kept {
		s.pending = b
	} else {
		s.pending = append(s.pending, b...)
	}
	if s.phase == phaseTaken {
		return kept
	}
	if len(s.pending) >= maxPending {
		s.stalled = true
		s.halt.Store(true)
	}
	if !s.posted {
		s.posted = true
		s.owner.Service.Post(s.onTake) // false means that the service has ended, and closes the socket
	}
	return kept
}

// take delivers in the owner's turn what was queued.
func (s *Stream) take(svc *host.Service) {
	s.mu.Lock()
	if s.owner.Service != svc {
		s.mu.Unlock()
		return
	}
	b, e := s.pending, s.events
	s.pending, s.posted = nil, false
	if s.stalled {
		s.stalled = false
		s.run()
	}
	s.mu.Unlock()
	if e == nil || len(b) == 0 || !e.Data(b) {
		s.set.buffers.Put(b)
	}
}

// end tells the owner that the peer sends no more.
func (s *Stream) end() {
	s.mu.Lock()
	tell := s.phase == phaseOpen
	s.ended = true
	s.halt.Store(true)
	s.unpark()
	s.mu.Unlock()
	if !tell {
		return
	}
	s.tell(func(e Events) {
		if e == nil {
			s.Close()
			return
		}
		e.Closed()
	})
}

// receiveBlocking is receive for what has no RawConn: it has a buffer while it waits.
func (s *Stream) receiveBlocking() error {
	b := s.set.buffers.Get(s.large)
	n, err := s.conn.Read(b)
	if n > 0 {
		s.large = n >= SmallBuffer
		s.hand(b, n)
		return nil
	}
	s.set.buffers.Put(b)
	return err
}
