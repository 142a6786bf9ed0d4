//go:build !unix

package sockets

// wait tells whether readable has been asked yet.
type wait struct{ asked bool }

// receive waits for bytes and returns them in a buffer of the pool. It returns nothing when the reader is to stop.
//
// The buffer is taken after the wait, so that an idle connection has none.
func (s *Stream) receive() (b []byte, err error) {
	if s.raw == nil {
		return s.receiveBlocking()
	}
	s.wait.asked = false
	if err := s.raw.Read(s.onReadable); err != nil {
		return nil, err
	}
	if s.halt.Load() {
		return nil, nil
	}
	return s.receiveBlocking()
}

// readable says no the first time, so that it is called again when there are bytes.
func (s *Stream) readable(uintptr) bool {
	ready := s.wait.asked
	s.wait.asked = true
	return ready
}

// probe can't tell without waiting.
func (s *Stream) probe() bool { return false }

func (w *writer) writable(uintptr) bool { return true }

// try sends nothing: a write can't be kept from waiting here, so the goroutine does it.
func (s *Stream) try([]byte) (n int, err error) { return 0, nil }
