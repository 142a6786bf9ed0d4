// Package conntest makes connections for tests.
package conntest

import (
	"net"
	"sync"
	"time"
)

// Pipes is a listener whose connections are in memory, so that a test may have them under the fake clock of
// testing/synctest.
type Pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewPipes makes a listener.
func NewPipes() *Pipes { return &Pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Accept implements net.Listener.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *Pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *Pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// Dial connects, when the listener accepts.
func (p *Pipes) Dial() (net.Conn, error) {
	here, there := net.Pipe()
	back, forth := net.Pipe()
	p.conns <- &pipe{there, back}
	return &pipe{forth, here}, nil
}

// pipe is an end of a connection, of one net.Pipe for each direction: unlike one for both, it can be closed for writing alone.
type pipe struct{ in, out net.Conn }

func (p *pipe) Read(b []byte) (int, error)         { return p.in.Read(b) }
func (p *pipe) Write(b []byte) (int, error)        { return p.out.Write(b) }
func (p *pipe) CloseWrite() error                  { return p.out.Close() }
func (p *pipe) LocalAddr() net.Addr                { return p.in.LocalAddr() }
func (p *pipe) RemoteAddr() net.Addr               { return p.in.RemoteAddr() }
func (p *pipe) SetReadDeadline(t time.Time) error  { return p.in.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(t time.Time) error { return p.out.SetWriteDeadline(t) }

func (p *pipe) Close() error {
	_ = p.in.Close()
	return p.out.Close()
}

func (p *pipe) SetDeadline(t time.Time) error {
	_ = p.in.SetDeadline(t)
	return p.out.SetDeadline(t)
}
