//go:build !unix

package sockets

// receive waits for bytes and delivers them. It returns nothing when the reader is to stop. io.EOF means that the peer sends
// no more.
//
// The buffer is taken after the wait, so that an idle connection has none.
func (s *Stream) receive() error {
	if s.raw == nil {
		return s.receiveBlocking()
	}
	if err := s.raw.Read(s.onReadable); err != nil {
		return err
	}
	if s.halt.Load() {
		return nil
	}
	return s.receiveBlocking()
}

// whenReadable says no the first time, so that it is called again when there are bytes.
func (s *Stream) whenReadable() func(fd uintptr) (over bool) {
	asked := false
	return func(uintptr) bool {
		asked = !asked
		return !asked
	}
}

// probe can't tell without waiting.
func (s *Stream) probe() bool { return false }

// hangUp ends the connection for the peer; closing it has to wait for the reader.
func (s *Stream) hangUp() {
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}

func (w *writer) writable(uintptr) bool { return true }

// try sends nothing: a write can't be kept from waiting here, so the goroutine does it.
func (s *Stream) try([]byte) (n int, err error) { return 0, nil }
