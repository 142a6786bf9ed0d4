package ws

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/luahost/luahost/internal/nonblock"
)

// wire is the connection to the peer, below TLS. Until queue is called it is a plain net.Conn. From then on Write
// never blocks: what the system doesn't take at once waits in a queue, which a goroutine writes out that lives as long
// as there is something to write. The queue's bound is kept by Conn, which asks for its length before it writes.
type wire struct {
	net.Conn
	raw syscall.RawConn // nil where there are no writes that don't block; then all goes through the queue

	mu       sync.Mutex
	queueing bool
	corked   atomic.Bool // gather what is written
	flushing bool        // the goroutine runs
	pending  []byte
	tail     []byte        // belongs behind pending; it is not copied
	sending  int           // bytes of the queue that the goroutine has taken
	promised int           // bytes that others will write; see promise
	progress chan struct{} // closed when the queue gets shorter; nil when nobody waits for that
	timeout  time.Duration
	err      error

	turns    atomic.Bool // the connection is inside RawConn.Read, see direct
	attempt  []byte      // arguments and results of try
	behind   []byte
	taken    int
	message  nonblock.Message
	tryErr   error
	tryWrite func(fd uintptr) bool

	listener *Listener // that counts the connection, or nil
	addr     netip.Addr
	left     atomic.Bool
}

const (
	chunk    = 64 << 10   // bytes that are written with one deadline
	corkMost = keptBuffer // bytes that are gathered before they are written all the same
	long     = 2 << 10    // bytes of a message from which it is written without a copy
)

func newWire(c net.Conn) *wire { return &wire{Conn: c} }

// NetConn returns the connection below, as tls.Conn's method of this name does.
func (w *wire) NetConn() net.Conn { return w.Conn }

// Close implements net.Conn.
func (w *wire) Close() error {
	if w.listener != nil && w.left.CompareAndSwap(false, true) {
		w.listener.leave(w.addr)
	}
	return w.Conn.Close()
}

// sever ends the connection at once, for others than its reader. Close would wait for what the reader is at.
func (w *wire) sever() {
	if w.turns.Load() && w.raw != nil {
		_ = w.raw.Control(shutdown)
		return
	}
	_ = w.Close()
}

// queue ends the time of blocking writes. timeout is for each chunk that waits.
func (w *wire) queue(timeout time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queueing, w.timeout = true, timeout
	if c, ok := w.Conn.(syscall.Conn); ok && canTry {
		w.raw, _ = c.SyscallConn()
		w.tryWrite = w.try
	}
}

// Write implements net.Conn.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if !w.queueing {
		w.mu.Unlock()
		return w.Conn.Write(p)
	}
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	if w.flushing {
		w.pending = append(w.pending, p...)
		return len(p), nil
	}
	if w.corked.Load() && w.tail == nil && len(w.pending)+len(p) <= corkMost {
		w.gather(p)
		return len(p), nil
	}
	w.push()
	if w.flushing {
		w.pending = append(w.pending, p...)
		return len(p), w.err
	}
	n := w.send(p, nil)
	w.leave(p[n:], nil)
	return n, w.err
}

// writeFrame writes head and body. A long body is not copied as long as the peer reads: it must never change.
func (w *wire) writeFrame(head, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.addFrame(head, body)
	if !w.corked.Load() {
		w.push()
		err = w.err
	}
	return err
}

// gatherFrame is writeFrame without the writing: pushGathered must follow.
func (w *wire) gatherFrame(head, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addFrame(head, body)
}

func (w *wire) pushGathered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.corked.Load() {
		w.push()
	}
}

func (w *wire) addFrame(head, body []byte) error {
	if w.err != nil {
		return w.err
	}
	if w.tail != nil || len(w.pending)+len(body) > corkMost {
		w.push()
	}
	if w.err != nil || w.flushing {
		w.pending = append(append(w.pending, head...), body...)
		return w.err
	}
	w.gather(head)
	if len(body) >= long {
		w.tail = body
	} else {
		w.pending = append(w.pending, body...)
	}
	return w.err
}

// gather adds to pending.
func (w *wire) gather(p []byte) {
	if w.pending == nil {
		w.pending = getBuffer(len(p))
	}
	w.pending = append(w.pending, p...)
}

// push writes what is gathered, and leaves to the goroutine what the system doesn't take.
func (w *wire) push() {
	if w.pending == nil || w.flushing || w.err != nil {
		return
	}
	head, body := w.pending, w.tail
	w.pending, w.tail = nil, nil
	n := w.send(head, body)
	if n < len(head) {
		w.leave(head[n:], body)
	} else {
		w.leave(body[n-len(head):], nil)
	}
	putBuffer(head)
}

// leave leaves bytes to the goroutine.
func (w *wire) leave(p, more []byte) {
	size := len(p) + len(more)
	if size == 0 || w.err != nil {
		return
	}
	w.pending = append(append(getBuffer(size), p...), more...)
	w.flushing = true
	go w.flush()
}

// send writes as much as the system takes without blocking.
func (w *wire) send(p, behind []byte) int {
	if w.raw == nil {
		return 0
	}
	w.attempt, w.behind, w.taken, w.tryErr = p, behind, 0, nil
	if err := w.raw.Write(w.tryWrite); err != nil {
		w.tryErr = err
	}
	w.attempt, w.behind = nil, nil
	if w.tryErr != nil {
		w.fail(w.tryErr)
	}
	return w.taken
}

// cork gathers writes until uncork.
func (w *wire) cork() { w.corked.Store(true) }

// uncork writes what was gathered.
func (w *wire) uncork() {
	if !w.corked.Load() {
		return
	}
	w.mu.Lock()
	w.corked.Store(false)
	w.push()
	w.mu.Unlock()
}

// flush writes the queue out, and ends when it is empty.
func (w *wire) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.pending) > 0 && w.err == nil {
		batch := w.pending
		w.pending, w.sending = nil, len(batch)
		w.mu.Unlock()
		err := w.drain(batch)
		w.mu.Lock()
		w.sending = 0
		putBuffer(batch)
		if err != nil {
			w.fail(err)
			w.sever() // the reader wakes
		}
		w.signal()
	}
	if w.err == nil {
		_ = w.SetWriteDeadline(time.Time{}) // it was for the queue, and would end a later send
	}
	w.flushing, w.pending = false, nil
}

func (w *wire) drain(p []byte) error {
	for len(p) > 0 {
		if err := w.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
			return err
		}
		n, err := w.Conn.Write(p[:min(len(p), chunk)])
		if err != nil {
			return err
		}
		p = p[n:]
		w.mu.Lock()
		w.sending = len(p)
		w.signal()
		w.mu.Unlock()
	}
	return nil
}

func (w *wire) fail(err error) {
	if w.err == nil {
		w.err = err
	}
	w.signal()
}

func (w *wire) signal() {
	if w.progress != nil {
		close(w.progress)
		w.progress = nil
	}
}

// queued returns the number of bytes that wait.
func (w *wire) queued() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.length()
}

func (w *wire) length() int { return w.promised + w.sending + len(w.pending) + len(w.tail) }

// promise counts bytes that another goroutine is about to write, and returns what was queued before. keep ends that.
func (w *wire) promise(n int) (queued int) {
	w.mu.Lock()
	queued = w.length()
	w.promised += n
	w.mu.Unlock()
	return queued
}

func (w *wire) keep(n int) {
	w.mu.Lock()
	w.promised -= n
	w.signal()
	w.mu.Unlock()
}

// wait waits until at most most bytes are queued. It returns false when the time is over, when for the time of a stall
// nothing was written (0: that doesn't matter), or when the connection is broken.
func (w *wire) wait(most int, until time.Time, stall time.Duration) bool {
	var timer *time.Timer
	for {
		w.mu.Lock()
		if w.err != nil {
			w.mu.Unlock()
			return false
		}
		if w.length() <= most {
			w.mu.Unlock()
			return true
		}
		if w.progress == nil {
			w.progress = make(chan struct{})
		}
		progress := w.progress
		w.mu.Unlock()
		patience := time.Until(until)
		if stall > 0 {
			patience = min(patience, stall)
		}
		if timer == nil {
			timer = time.NewTimer(patience)
			defer timer.Stop()
		} else {
			timer.Reset(patience)
		}
		select {
		case <-progress:
		case <-timer.C:
			return false
		}
	}
}

// closeWrite tells the peer that nothing follows.
func (w *wire) closeWrite() {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}
