package ws

import (
	"errors"
	"net"
	"syscall"

	"github.com/luahost/luahost/internal/tcpread"
)

// errNotYet is how a direct read tells that nothing is there.
var errNotYet = errors.New("nothing to read yet")

// direct is a socket that is read without net's help. What is ordinary, a message in one frame, is taken right from what
// was read; everything else is left to gws.
//
// net.Conn.Read asks the system first, is told that there is nothing, waits, and asks again: each message that is
// waited for costs a call more. The poller tells of every arrival since the last wait, but only within one call of
// RawConn.Read: so that call goes on from message to message, for as long as they are ordinary and handled at once.
type direct struct {
	conn    syscall.RawConn // nil: read by net.Conn only
	turn    func(fd uintptr) (over bool)
	fd      uintptr
	drained bool // by the last read
	tcp     tcpread.State
	input   input
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

// serveReady serves messages as they come until something comes that is not ordinary, or that is not handled at once, or
// until something else is up, which read will tell.
func (c *Conn) serveReady() {
	t := &c.transport
	for t.direct.conn != nil && !c.more() && len(t.early) == 0 && t.breach == nil && !c.Closing() {
		t.wire.turns.Store(true)
		_ = t.direct.conn.Read(t.direct.turn)
		t.wire.turns.Store(false)
		t.waiting.Store(false)
		t.early = t.direct.input.release()
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
	t.direct.fd = fd
	if c.serveArrived() {
		return true
	}
	c.Flush()
	if t.direct.input.empty() {
		t.direct.input.release()
	}
	t.await()
	return false
}

// serveArrived serves what has come. It returns false when that was all of it, or all but the beginning of a long message.
func (c *Conn) serveArrived() (over bool) {
	d := &c.transport.direct
	for drained := false; ; drained = d.drained {
		left := c.serveInput()
		switch {
		case c.pending || c.Closing() || left == leftToGws:
			return true
		case drained:
			return left == leftBegun
		}
		switch err := c.fill(); {
		case err == errNotYet:
			return left == leftBegun
		case err != nil:
			return true
		}
	}
}

// left is what is left of the input.
type left uint8

const (
	leftNothing left = iota
	leftBegun        // the beginning of an ordinary message
	leftLong         // the same of a long one: gws would take as much memory to wait for the rest
	leftToGws
)

// serveInput serves the ordinary messages of the input.
func (c *Conn) serveInput() left {
	in := &c.transport.direct.input
	for !in.empty() {
		start, size := c.transport.checker.message(in.bytes())
		switch {
		case size == 0 || size > longBuffer:
			return leftToGws
		case size > in.to-in.from:
			if in.fit(size); size > longBuffer/2 {
				return leftLong
			}
			return leftBegun
		}
		frame := in.bytes()[:size]
		in.from += size
		op, payload := Opcode(frame[0]&0x0f), frame[start:]
		Mask(payload, payload, [4]byte(frame[start-4:]))
		data, ok := c.accept(op, payload)
		if c.pending = ok && !c.deliver(op, data); c.pending {
			break
		}
	}
	return leftNothing
}

// fill reads what is there.
func (c *Conn) fill() error {
	d := &c.transport.direct
	n, drained, err := tryRead(&d.tcp, d.fd, d.input.room())
	d.drained = drained
	if n > 0 {
		d.input.to += n
		c.transport.reads.Add(1)
	}
	return err
}
