package ltls

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// session is TLS over bytes that somebody else carries: what the peer sent goes in, what is for the peer comes out. Its goroutine
// makes the handshake and reads; no call waits for the network, only for that goroutine to have digested what went in.
type session struct {
	conn *tls.Conn

	mu       sync.Mutex
	changed  sync.Cond
	in, out  []byte // of the peer, for the peer
	plain    []byte // was read
	hungry   bool   // the goroutine waits for more of the peer
	finished bool   // the handshake
	ended    bool   // the goroutine
	closed   bool
	err      error // why it ended
}

var errClosed = errors.New("the TLS context is closed")

// start begins a handshake; wrap is tls.Client or tls.Server.
func start(wrap func(net.Conn, *tls.Config) *tls.Conn, c *tls.Config) *session {
	s := &session{}
	s.changed.L = &s.mu
	s.conn = wrap(carrier{s}, c)
	go s.run()
	return s
}

// run is the goroutine. It ends with the connection, or with close.
func (s *session) run() {
	err := s.conn.Handshake()
	s.mu.Lock()
	s.finished = err == nil
	s.mu.Unlock()
	b := make([]byte, 16<<10)
	for err == nil {
		var n int
		n, err = s.conn.Read(b)
		s.mu.Lock()
		s.plain = append(s.plain, b[:n]...)
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.err = true, err
	s.changed.Broadcast()
}

// digest takes bytes of the peer, and waits until all of them are used.
func (s *session) digest(data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in = append(s.in, data...)
	s.hungry = s.hungry && len(s.in) == 0
	s.changed.Broadcast()
	for !s.ended && !s.hungry {
		s.changed.Wait()
	}
	if s.ended && s.err != io.EOF {
		return s.err
	}
	return nil
}

// takeOut returns what is to be sent to the peer.
func (s *session) takeOut() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := string(s.out)
	s.out = nil
	return out
}

// takePlain returns what was read.
func (s *session) takePlain() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	plain := string(s.plain)
	s.plain = nil
	return plain
}

func (s *session) isFinished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished
}

func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.changed.Broadcast()
}

// carrier is the net.Conn under the TLS.
type carrier struct{ s *session }

// Read waits for bytes of the peer.
func (c carrier) Read(b []byte) (int, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.in) == 0 && !s.closed {
		s.hungry = true
		s.changed.Broadcast()
		s.changed.Wait()
	}
	s.hungry = false
	if s.closed {
		return 0, errClosed
	}
	n := copy(b, s.in)
	s.in = s.in[n:]
	return n, nil
}

// Write keeps bytes for the peer.
func (c carrier) Write(b []byte) (int, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errClosed
	}
	s.out = append(s.out, b...)
	return len(b), nil
}

func (c carrier) Close() error { return nil }

func (c carrier) LocalAddr() net.Addr { return nil }

func (c carrier) RemoteAddr() net.Addr { return nil }

func (c carrier) SetDeadline(time.Time) error { return nil }

func (c carrier) SetReadDeadline(time.Time) error { return nil }

func (c carrier) SetWriteDeadline(time.Time) error { return nil }
