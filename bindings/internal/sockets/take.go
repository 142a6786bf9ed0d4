package sockets

import (
	"errors"
	"net"
	"time"
)

// ErrUnsent is the error of Take for a socket with bytes that wait to be sent.
var ErrUnsent = errors.New("socket has unsent data")

// Take gives the connection away, and ends the socket without closing it. early is what was read already, and
// not delivered. The caller is in the owner's turn, so that nothing is being delivered.
func (s *Stream) Take() (c net.Conn, early []byte, err error) {
	c, ok := s.conn.(net.Conn)
	if !ok {
		return nil, nil, ErrInvalid
	}
	if err := s.stop(); err != nil {
		return nil, nil, err
	}
	s.set.remove(&s.core)
	return c, s.leave(), nil
}

// stop ends both directions of a socket that is to be taken.
func (s *Stream) stop() error {
	w := &s.out
	s.mu.Lock()
	defer s.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case s.phase != phaseOpen || s.failed || w.broken:
		return ErrInvalid
	case s.ended:
		return ErrClosed
	case w.busy:
		return ErrUnsent
	}
	w.closed = true
	s.phase = phaseTaken
	s.events = nil
	s.halt.Store(true)
	return nil
}

// leave waits until the reader has left the connection, and returns what it has read.
func (s *Stream) leave() (early []byte) {
	s.mu.Lock()
	if s.resting {
		s.resting, s.reading, s.parked = false, false, false
		s.set.quiet.poller.remove(s)
	}
	if s.parked {
		gone := make(chan struct{}) // closed by unpark, which comes after queue has kept what there is
		s.gone = gone
		s.mu.Unlock()
		_ = s.conn.SetReadDeadline(time.Unix(1, 0))
		<-gone
		s.mu.Lock()
	}
	_ = s.conn.SetReadDeadline(time.Time{})
	defer s.mu.Unlock()
	early = append(early, s.pending...)
	s.dropPending()
	return early
}
