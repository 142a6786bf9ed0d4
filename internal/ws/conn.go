package ws

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/lxzan/gws"
)

// Opcode is the kind of a message: Text or Binary.
type Opcode = gws.Opcode

const (
	Text   = gws.OpcodeText
	Binary = gws.OpcodeBinary
)

// Handler takes what comes from the peer, on the goroutine of Conn.Serve: nothing is read until it returns.
type Handler interface {
	// Message takes a whole message; data is the handler's to keep. It reports false when the message is still being
	// handled: then Wait is called, which returns when it is.
	Message(c *Conn, op Opcode, data []byte) (done bool)
	Wait(c *Conn)
	// Ping and Pong tell of a ping, which is answered already, and of a pong.
	Ping(c *Conn)
	Pong(c *Conn)
	// Full tells that so many bytes wait for the peer. It is called by whoever writes.
	Full(c *Conn, queued int)
}

// Conn is a WebSocket connection. Its methods may be called from any goroutine.
type Conn struct {
	transport transport
	socket    *gws.Conn
	handler   Handler
	limits    *Limits
	reader    *bufio.Reader // that gws reads from; nil in a client
	plain     bool          // frames are sent as they are: no TLS, no compression, no mask
	pending   bool          // a message that serveReady has handed over is still being handled
	burst     time.Time     // when answers began to wait for each other; zero when none does

	farewell sync.Once
	async    atomic.Int32 // broadcasts that are not written yet: other writes queue behind them
	stalled  atomic.Bool  // cut as a slow consumer
	lame     atomic.Bool  // closes when the running handler returns

	mu     sync.Mutex // guards the timer
	timer  *time.Timer
	reads  uint32 // transport.reads when the last ping was sent
	pinged bool
	over   bool
	hard   bool // the timer is for the closing handshake
}

// ErrClosed is the error of writing to a connection that is closing, or closed.
var ErrClosed = net.ErrClosed

// ErrLost is how a connection ends without a close frame.
var ErrLost = errors.New("websocket: connection lost")

// ErrEncoding is the error of sending text that is not UTF-8.
var ErrEncoding = errors.New(errEncoded)

// ErrTooBig is the error of sending more than MaxMessage bytes at once.
var ErrTooBig = fmt.Errorf("message over %d bytes", MaxMessage)

// ErrSlow is how a connection ends whose peer doesn't read.
var ErrSlow = errors.New("websocket: the peer doesn't read")

// ErrNoPong is how a connection ends whose peer doesn't answer a ping.
var ErrNoPong = errors.New("websocket: no pong in time")

// events hands what gws tells over to the connection that it is about.
type events struct{ gws.BuiltinEventHandler }

func connOf(s *gws.Conn) *Conn { return s.NetConn().(*transport).conn }

func (events) OnPing(s *gws.Conn, payload []byte) {
	c := connOf(s)
	if c.admit() == nil && s.WritePong(payload) == nil {
		c.handler.Ping(c)
	}
}

func (events) OnPong(s *gws.Conn, _ []byte) {
	c := connOf(s)
	c.handler.Pong(c)
}

// begin makes c ready for frames.
func (c *Conn) begin(deflate bool) {
	t := &c.transport
	t.checker.limit = int64(c.limits.Message)
	t.checker.masked = !t.client
	t.checker.deflate = deflate
	t.wire.queue(c.limits.WriteTimeout)
	t.upgraded = true
	if c.limits.Ping > 0 {
		c.mu.Lock()
		c.timer = time.AfterFunc(c.limits.Ping, c.tick)
		c.mu.Unlock()
	}
}

// Serve reads messages and hands them to the handler until the connection is over; it returns how that came.
// By then the close frames are written and the connection is shut down for writing. Finish must follow.
//
// Answers to messages that came together are sent together: what a handler writes to its own connection waits until the
// input is used up, or maxBurst.
func (c *Conn) Serve() *Close {
	for !c.Closing() {
		if c.serveReady(); c.Closing() {
			break
		}
		m, err := c.read()
		if err != nil {
			break
		}
		data, ok := c.accept(m.Opcode, m.Bytes())
		_ = m.Close()
		if ok && !c.deliver(m.Opcode, data) {
			c.handler.Wait(c)
			c.handled()
		}
	}
	return c.ended()
}

// deliver hands a message to the handler. It reports false when that is still at it; handled must follow then.
func (c *Conn) deliver(op Opcode, data []byte) (done bool) {
	if !c.Closing() {
		c.transport.wire.cork()
		if !c.handler.Message(c, op, data) {
			return false
		}
	}
	c.handled()
	return true
}

// handled sends the answers to a message, unless more messages are there already.
func (c *Conn) handled() {
	switch {
	case !c.more():
		c.Flush()
		c.burst = time.Time{}
	case c.burst.IsZero():
		c.burst = time.Now()
	case time.Since(c.burst) > maxBurst:
		c.Flush()
		c.burst = time.Time{}
	}
	if c.lame.Load() {
		c.Close(StatusGoingAway, goingAway)
	}
}

// maxBurst is how long answers may wait for the next message to be handled.
const maxBurst = time.Millisecond

// more tells that the next message, or its beginning, has been read already.
func (c *Conn) more() bool {
	return !c.transport.direct.input.empty() || c.reader != nil && c.reader.Buffered() > 0
}

// Flush writes what the connection's own handler has written so far. It is for handlers that go on later.
func (c *Conn) Flush() { c.transport.wire.uncork() }

// read reads one message. A header that gws can't stand makes it panic; that is a protocol error, too.
func (c *Conn) read() (m *gws.Message, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("websocket: reading: %v", r)
			c.end(&Close{Code: StatusProtocol, Reason: "protocol error", Err: err})
		}
	}()
	return c.socket.ReadMessage()
}

// accept checks the text of a message, and returns a copy to keep.
func (c *Conn) accept(op Opcode, data []byte) (kept []byte, ok bool) {
	if op == Text && !utf8.Valid(data) {
		c.end(&Close{Code: StatusData, Reason: errEncoded, Err: &Violation{StatusData, errEncoded}})
		return nil, false
	}
	return bytes.Clone(data), true
}

// ended sends what is queued and shuts down writing.
func (c *Conn) ended() *Close {
	t := &c.transport
	end := t.verdict.Load()
	if end == nil {
		end = &Close{Code: StatusLost, Reason: "connection lost", Err: ErrLost}
		t.verdict.CompareAndSwap(nil, end)
		end = t.verdict.Load()
	}
	if end.Code != StatusLost {
		until := time.Now().Add(c.limits.Closing)
		t.wire.wait(0, until, 0) // for broadcasts, too
		c.sendClose()
		t.wire.wait(0, until, 0)
		if c.brief(end) {
			return end
		}
		if t.Conn != net.Conn(t.wire) {
			c.closeTLS()
		}
		t.wire.closeWrite()
	}
	return end
}

// brief tells that the socket may just be closed: the peer has said that it sends nothing more, and has our answer.
func (c *Conn) brief(end *Close) bool { return c.plain && end.Remote && end.Err == nil }

// closeTLS sends TLS's own farewell.
func (c *Conn) closeTLS() {
	if tc, ok := c.transport.Conn.(interface{ CloseWrite() error }); ok {
		_ = tc.CloseWrite()
		c.transport.wire.wait(0, time.Now().Add(c.limits.Closing), 0)
	}
}

// Finish waits for the peer to close its side, at most for the time of a closing handshake, and releases everything.
// A close frame could get lost if the socket were closed with bytes in it that nobody has read.
func (c *Conn) Finish() {
	if end := c.transport.verdict.Load(); end != nil && end.Code != StatusLost && !c.brief(end) {
		c.transport.discard()
	}
	c.mu.Lock()
	c.over = true
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	_ = c.transport.wire.Close()
}

// admit makes sure that there is room in the queue, or cuts the peer off.
func (c *Conn) admit() error {
	w := c.transport.wire
	if c.transport.verdict.Load() != nil {
		return ErrClosed
	}
	queued := w.queued()
	if queued <= c.limits.Queue/2 {
		return nil
	}
	c.handler.Full(c, queued)
	if queued <= c.limits.Queue {
		return nil
	}
	if c.limits.Stall > 0 && w.wait(c.limits.Queue/2, time.Now().Add(maxStalls*c.limits.Stall), c.limits.Stall) {
		return nil
	}
	c.cut()
	return ErrSlow
}

// maxStalls is for how many stalls a writer waits for a peer that takes a little now and then.
const maxStalls = 10

// cut ends the connection of a slow consumer. The close frame goes behind what is queued: should the peer start to
// read, it gets all of that.
func (c *Conn) cut() {
	if c.stalled.CompareAndSwap(false, true) {
		c.end(&Close{Code: StatusTryAgain, Reason: "too slow", Err: ErrSlow})
	}
}

// Write sends a message. It doesn't wait for the peer, but for Limits.Stall when the queue is full: ten times that, if the peer
// takes some of it meanwhile.
// data must not change until the connection is closed.
//
// # Errors
//
// ErrClosed, ErrSlow (the connection is cut), ErrEncoding, ErrTooBig.
func (c *Conn) Write(op Opcode, data []byte) error {
	if err := validate(op, data); err != nil {
		return err
	}
	return c.WriteValid(op, data)
}

// WriteValid is Write for what is known to be in order: a message that came in.
func (c *Conn) WriteValid(op Opcode, data []byte) error {
	if err := c.admit(); err != nil {
		return err
	}
	if c.async.Load() > 0 {
		c.promise(len(data))
		c.socket.WriteAsync(op, data, func(error) { c.keep(len(data)) })
		return nil
	}
	if c.plain {
		return c.writePlain(op, data)
	}
	if err := c.socket.WriteMessage(op, data); err != nil {
		return ErrClosed
	}
	return nil
}

// writePlain sends a message of a server without TLS or compression: its frame is a short header and the message, which
// go right to where the connection's writes are gathered. gws would make a copy of all.
func (c *Conn) writePlain(op Opcode, data []byte) error {
	var head [10]byte
	if c.transport.wire.writeFrame(frameHeader(&head, op, len(data)), data) != nil {
		return ErrClosed
	}
	return nil
}

// frameHeader makes the header of a server's frame that is a whole message.
func frameHeader(head *[10]byte, op Opcode, n int) []byte {
	head[0] = 0x80 | byte(op)
	switch {
	case n < 126:
		head[1] = byte(n)
		return head[:2]
	case n < 1<<16:
		head[1] = 126
		binary.BigEndian.PutUint16(head[2:], uint16(n))
		return head[:4]
	default:
		head[1] = 127
		binary.BigEndian.PutUint64(head[2:], uint64(n))
		return head[:]
	}
}

func validate(op Opcode, data []byte) error {
	switch {
	case len(data) > MaxMessage:
		return ErrTooBig
	case op == Text && !utf8.Valid(data):
		return ErrEncoding
	}
	return nil
}

// Ping sends a ping; payload has 125 bytes at most.
func (c *Conn) Ping(payload []byte) error {
	if len(payload) > maxControlPayload {
		return fmt.Errorf("a ping of %d bytes: want at most %d", len(payload), maxControlPayload)
	}
	if err := c.admit(); err != nil {
		return err
	}
	if c.socket.WritePing(payload) != nil {
		return ErrClosed
	}
	return nil
}

// Close starts the closing handshake: behind what is queued goes a close frame with code and reason (at most 123 bytes
// of it). A code that may not be sent stands for none. It reports false when the connection is closing already.
func (c *Conn) Close(code Status, reason string) bool {
	if !ValidStatus(code) {
		code, reason = StatusNone, ""
	}
	return c.end(&Close{Code: code, Reason: reason})
}

// Fail closes like Close, for an error.
func (c *Conn) Fail(code Status, reason string, err error) bool {
	return c.end(&Close{Code: code, Reason: reason, Err: err})
}

func (c *Conn) end(v *Close) bool {
	if !c.transport.verdict.CompareAndSwap(nil, v) {
		return false
	}
	if c.async.Load() > 0 {
		c.socket.Async(func() { c.sendClose() })
	} else {
		c.sendClose()
	}
	return true
}

// sendClose sends the close frame, once. Whoever comes second waits until that is done.
func (c *Conn) sendClose() {
	c.farewell.Do(func() {
		_ = c.socket.WriteClose(uint16(StatusNormal), nil) // transport puts in the verdict
	})
}

const goingAway = "going away"

// CloseSoon closes with 1001 when the handler that runs has returned: at once, when there is none.
func (c *Conn) CloseSoon() {
	c.lame.Store(true)
	if c.transport.waiting.Load() {
		c.Close(StatusGoingAway, goingAway)
	}
}

// startClosing gives the closing handshake its time.
func (c *Conn) startClosing() {
	until := time.Now().Add(c.limits.Closing)
	_ = c.transport.Conn.SetReadDeadline(until)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.hard = true
	if c.timer == nil {
		c.timer = time.AfterFunc(c.limits.Closing, c.tick)
	} else {
		c.timer.Reset(c.limits.Closing)
	}
}

// tick is called by the timer: a ping is due, a pong is overdue, or the time for closing is over.
func (c *Conn) tick() {
	c.mu.Lock()
	hard, pinged, over := c.hard, c.pinged, c.over
	c.mu.Unlock()
	switch {
	case over:
	case hard:
		c.transport.wire.sever()
	case pinged && c.silent():
		c.transport.verdict.CompareAndSwap(nil, &Close{Code: StatusLost, Reason: "no pong in time", Err: ErrNoPong})
		c.transport.wire.sever()
	case pinged:
		c.rearm(false, c.limits.Ping-c.limits.Pong)
	default:
		c.rearm(true, c.limits.Pong)
		_ = c.Ping(nil)
	}
}

// silent tells that the peer has sent nothing since the ping, though somebody listens.
func (c *Conn) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.transport.waiting.Load() && c.transport.reads.Load() == c.reads
}

func (c *Conn) rearm(pinged bool, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hard || c.over {
		return
	}
	c.pinged = pinged
	c.reads = c.transport.reads.Load()
	c.timer.Reset(after)
}

// Closing tells that no more messages are sent.
func (c *Conn) Closing() bool { return c.transport.verdict.Load() != nil }

// Queued returns the number of bytes that wait for the peer.
func (c *Conn) Queued() int { return c.transport.wire.queued() }

// Subprotocol returns what the handshake agreed on, or "".
func (c *Conn) Subprotocol() string { return c.socket.SubProtocol() }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.transport.RemoteAddr() }

// LocalAddr returns our address.
func (c *Conn) LocalAddr() net.Addr { return c.transport.LocalAddr() }

// Abort drops the connection, with whatever waits in it.
func (c *Conn) Abort() {
	c.transport.verdict.CompareAndSwap(nil, &Close{Code: StatusLost, Reason: "connection given up", Err: ErrClosed})
	c.transport.wire.sever()
}
