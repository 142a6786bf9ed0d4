//go:build unix

package sockets

import (
	"io"
	"syscall"
)

// wait is what readable has read.
type wait struct {
	got []byte
	err error
}

// receive waits for bytes and returns them in a buffer of the pool. It returns nothing when the reader is to stop.
//
// The buffer is taken after the wait, so that an idle connection has none.
func (s *Stream) receive() (b []byte, err error) {
	if s.raw == nil {
		return s.receiveBlocking()
	}
	s.wait = wait{}
	if err := s.raw.Read(s.onReadable); err != nil {
		return nil, err
	}
	b, err = s.wait.got, s.wait.err
	s.wait.got = nil
	return b, err
}

// readable tries to read. It reports false to be called again when there are bytes.
func (s *Stream) readable(fd uintptr) bool {
	if s.halt.Load() {
		return true
	}
	b := s.set.buffers.Get(s.large)
	n, err := readFD(fd, b)
	if n > 0 {
		s.large = n >= SmallBuffer
		s.wait.got = b[:n]
		return true
	}
	s.set.buffers.Put(b)
	switch err {
	case nil:
		s.wait.err = io.EOF
	case syscall.EAGAIN:
		return false
	default:
		s.wait.err = err
	}
	return true
}

func readFD(fd uintptr, b []byte) (n int, err error) {
	for {
		n, err = syscall.Read(int(fd), b)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// probe takes bytes that are there, if any, and throws them away.
func (s *Stream) probe() (some bool) {
	if s.raw == nil {
		return false
	}
	_ = s.raw.Read(func(fd uintptr) bool {
		b := s.set.buffers.Get(true)
		n, _ := readFD(fd, b)
		s.set.buffers.Put(b)
		some = n > 0
		return true
	})
	return some
}

// writable sends what it can without waiting.
func (w *writer) writable(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.attempt)
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
