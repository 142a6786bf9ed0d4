package ws

import (
	"errors"
	"net"
	"syscall"

	"github.com/luahost/luahost/internal/tcpread"
)

// errNotYet is how a direct read tells that nothing is there.
var errNotYet = errors.New("nothing to read yet")

// direct is a socket that transport reads from without net's help.
//
// net.Conn.Read asks the system first, is told that there is nothing, waits, and asks again: each message that is
// waited for costs a call more. The poller tells of every arrival since the last wait, but only within one call of
// RawConn.Read: so that call goes on from message to message, for as long as they are short and handled at once.
type direct struct {
	conn    syscall.RawConn // nil: read by net.Conn only
	turn    func(fd uintptr) (over bool)
	fd      int
	inside  bool // a turn: fd is to be read
	drained bool // by the last read
	tcp     tcpread.State
}

// useDirect has c read so, if that works for its socket.
func (c *Conn) useDirect() {
	d := &c.transport.direct
	if tcp, ok := c.transport.wire.Conn.(*net.TCPConn); ok && canTry && c.plain {
		if d.conn, _ = tcp.SyscallConn(); d.conn != nil {
			_ = d.conn.Control(d.tcp.Prepare)
		}
		d.turn = c.turn
	}
}

// serveReady serves messages as they come until one is there that is not short, or not handled at once, or until
// something else is up, which read will tell.
func (c *Conn) serveReady() {
	t := &c.transport
	for t.direct.conn != nil && !c.more() && len(t.early) == 0 && !c.Closing() {
		t.wire.turns.Store(true)
		_ = t.direct.conn.Read(t.direct.turn)
		t.wire.turns.Store(false)
		t.waiting.Store(false)
		if !c.pending {
			return
		}
		c.pending = false
		c.handler.Wait(c)
		c.handled()
	}
}

// turn is called by RawConn.Read, at first and whenever something may have come. It returns false to wait.
func (c *Conn) turn(fd uintptr) (over bool) {
	t := &c.transport
	t.waiting.Store(false)
	t.direct.fd, t.direct.inside = int(fd), true
	over = c.serveShort()
	t.direct.inside = false
	if !over {
		t.await()
	}
	return over
}

func (c *Conn) serveShort() (over bool) {
	t := &c.transport
	for {
		if _, err := c.reader.Peek(1); err != nil {
			return err != errNotYet
		}
		for c.short() {
			m, err := c.read()
			if err != nil {
				return true
			}
			if c.pending = !c.deliver(m); c.pending || c.Closing() {
				return true
			}
		}
		if c.more() || t.breach != nil || len(t.early) > 0 {
			return true
		}
		if t.direct.drained {
			return false
		}
	}
}

// short tells that a whole message is in the reader's buffer, in one frame.
func (c *Conn) short() bool {
	have := c.reader.Buffered()
	if have < 2 {
		return false
	}
	head, _ := c.reader.Peek(min(have, 8))
	size := int(head[1] & 0x7f)
	switch {
	case head[0] != 0x80|byte(Text) && head[0] != 0x80|byte(Binary):
		return false
	case size < 126:
		return have >= 6+size
	case size == 126 && have >= 8:
		return have >= 8+(int(head[2])<<8|int(head[3]))
	}
	return false
}

// readDirect reads what is there.
func (t *transport) readDirect(p []byte) (int, error) {
	n, drained, err := tryRead(&t.direct.tcp, t.direct.fd, p)
	t.direct.drained = drained
	if n > 0 {
		t.reads.Add(1)
	}
	return n, err
}
