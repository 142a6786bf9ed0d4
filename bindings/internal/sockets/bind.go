package sockets

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Bind makes a socket of a file descriptor of the process (on Windows, a handle), which it takes over: a socket,
// a pipe, a terminal.
func (t *Set) Bind(o *Owner, fd int) (*Stream, error) {
	if t.host.Sandboxed() {
		return nil, errSandbox
	}
	f := openFD(fd)
	if f == nil {
		return nil, ErrInvalid
	}
	var c conn = f
	if n, err := net.FileConn(f); err == nil {
		_ = f.Close() // n is a copy
		c = n
	}
	s := t.newStream(t.NewID(), o, c, "BIND", "")
	if s == nil {
		return nil, ErrInvalid
	}
	return s, nil
}

// Stdin makes a socket that reads the host's standard input. Where it is closed before the input ends, one goroutine
// stays behind, because such a read can't be broken off; what that gets is for the next socket that Stdin makes.
func (t *Set) Stdin(o *Owner) (*Stream, error) {
	t.mu.Lock()
	if t.stdin == nil {
		t.stdin = newInput(t.host.Stdin())
	}
	in := t.stdin
	t.mu.Unlock()
	s := t.newStream(t.NewID(), o, &inputConn{input: in}, "BIND", "")
	if s == nil {
		return nil, ErrInvalid
	}
	return s, nil
}

// input reads from a reader, when somebody asks, in a goroutine of its own.
type input struct {
	from io.Reader

	mu      sync.Mutex
	news    sync.Cond
	reading bool
	data    []byte
	err     error
}

func newInput(from io.Reader) *input {
	in := &input{from: from}
	in.news.L = &in.mu
	return in
}

func (in *input) read() {
	b := make([]byte, SmallBuffer)
	n, err := in.from.Read(b)
	in.mu.Lock()
	in.data, in.err, in.reading = b[:n], err, false
	in.news.Broadcast()
	in.mu.Unlock()
}

// inputConn is a conn whose Close does not wait for the reader.
type inputConn struct {
	*input
	closed bool // guarded by mu
}

func (c *inputConn) Read(b []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case len(c.data) > 0:
			n = copy(b, c.data)
			c.data = c.data[n:]
			return n, nil
		case c.err != nil:
			return 0, c.err
		case !c.reading:
			c.reading = true
			go c.read()
		}
		c.news.Wait()
	}
}

func (c *inputConn) Write([]byte) (int, error) {
	return 0, errors.New("standard input can't be written to")
}

func (c *inputConn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.news.Broadcast()
	c.mu.Unlock()
	return nil
}

func (c *inputConn) SetReadDeadline(time.Time) error  { return nil }
func (c *inputConn) SetWriteDeadline(time.Time) error { return nil }
