//go:build unix

package sockets

import (
	"io"
	"syscall"
)

// receive waits for bytes and delivers them, until the reader is to stop, or an error.
func (s *Stream) receive() error {
	if s.raw == nil {
		return s.receiveBlocking()
	}
	return s.raw.Read(s.onReadable)
}

func (s *Stream) whenReadable() func(fd uintptr) (over bool) { return s.readable }

// readable reads what there is and delivers it. It reports false to be called again when there is more.
//
// It stays inside of one RawConn.Read from message to message. That begins with forgetting what the system has told of the
// connection, so that a read which finds nothing would have to come before each wait.
func (s *Stream) readable(fd uintptr) (over bool) {
	for s.park() {
		b := s.set.buffers.Get(s.large) // after the wait: an idle connection has none
		n, drained, err := s.tcp.Read(fd, b)
		if n > 0 {
			s.large = n >= SmallBuffer
			s.hand(b, n)
			if drained { // the system tells of what comes after that
				return !s.park()
			}
			continue
		}
		s.set.buffers.Put(b)
		switch err {
		case nil:
			s.fails(io.EOF)
		case syscall.EAGAIN:
			return false
		default:
			s.fails(err)
		}
	}
	return true
}

// probe takes bytes that are there, if any, and throws them away.
func (s *Stream) probe() (some bool) {
	if s.raw == nil {
		return false
	}
	// Not RawConn.Read: the reader may be in that, in the turn that has called us.
	_ = s.raw.Control(func(fd uintptr) {
		b := s.set.buffers.Get(true)
		n, _ := syscall.Read(int(fd), b)
		s.set.buffers.Put(b)
		some = n > 0
	})
	return some
}

// hangUp ends the connection for the peer; closing it has to wait for the reader.
func (s *Stream) hangUp() {
	if s.raw != nil {
		_ = s.raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
	}
}

// writable sends what it can without waiting.
func (w *writer) writable(fd uintptr) bool {
	for {
		n, err := w.send(fd)
		if err == syscall.EINTR {
			continue
		}
		w.sent, w.err = max(n, 0), err
		if err == syscall.EAGAIN {
			w.err = nil
		}
		return true
	}
}

func (w *writer) send(fd uintptr) (int, error) {
	if w.socket {
		return w.message.Send(fd, w.attempt, nil)
	}
	return syscall.Write(int(fd), w.attempt)
}

// try sends what it can without waiting; mu of the writer is held.
func (s *Stream) try(b []byte) (n int, err error) {
	if s.raw == nil {
		return 0, nil
	}
	w := &s.out
	w.attempt, w.sent, w.err = b[:min(len(b), maxAttempt)], 0, nil
	if err := s.raw.Write(w.onWritable); err != nil {
		return 0, err
	}
	w.attempt = nil
	return w.sent, w.err
}

// maxAttempt bounds one write: some systems refuse more than 2 GB.
const maxAttempt = 1 << 30
