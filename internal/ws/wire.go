package ws

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// wire is the connection to the peer, below TLS. Until queue is called it is a plain net.Conn. From then on Write
// never blocks: what the system doesn't take at once waits in a queue, which a goroutine writes out that lives as long
// as there is something to write. The queue's bound is kept by Conn, which asks for its length before it writes.
type wire struct {
	net.Conn
	raw syscall.RawConn // nil where there are no writes that don't block; then all goes through the queue

	mu       sync.Mutex
	queueing bool
	corked   bool // gather what is written
	flushing bool // the goroutine runs
	pending  []byte
	sending  int           // bytes of the queue that the goroutine has taken
	progress chan struct{} // closed when the queue gets shorter; nil when nobody waits for that
	timeout  time.Duration
	err      error

	attempt  []byte // arguments and results of try
	taken    int
	tryErr   error
	tryWrite func(fd uintptr) bool

	listener *Listener // that counts the connection, or nil
	addr     netip.Addr
	left     atomic.Bool
}

const (
	chunk    = 64 << 10 // bytes that are written with one deadline
	corkMost = 64 << 10 // bytes that are gathered before they are written all the same
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
	if w.corked && len(w.pending)+len(p) <= corkMost {
		if w.pending == nil {
			w.pending = getBuffer(len(p))
		}
		w.pending = append(w.pending, p...)
		return len(p), nil
	}
	if w.pending != nil {
		if w.push(); w.flushing {
			w.pending = append(w.pending, p...)
			return len(p), w.err
		}
	}
	n := w.send(p)
	if w.err != nil {
		return 0, w.err
	}
	if n < len(p) {
		w.pending = append(getBuffer(len(p)-n), p[n:]...)
		w.startFlush()
	}
	return len(p), nil
}

// push writes what is pending, and leaves to the goroutine what the system doesn't take.
func (w *wire) push() {
	n := w.send(w.pending)
	if n == len(w.pending) || w.err != nil {
		putBuffer(w.pending)
		w.pending = nil
		return
	}
	rest := copy(w.pending, w.pending[n:])
	w.pending = w.pending[:rest]
	w.startFlush()
}

// send writes as much as the system takes without blocking.
func (w *wire) send(p []byte) int {
	if w.raw == nil {
		return 0
	}
	w.attempt, w.taken, w.tryErr = p, 0, nil
	if err := w.raw.Write(w.tryWrite); err != nil {
		w.tryErr = err
	}
	w.attempt = nil
	if w.tryErr != nil {
		w.fail(w.tryErr)
	}
	return w.taken
}

// cork gathers writes until uncork.
func (w *wire) cork() {
	w.mu.Lock()
	w.corked = true
	w.mu.Unlock()
}

// uncork writes what was gathered.
func (w *wire) uncork() {
	w.mu.Lock()
	w.corked = false
	if w.pending != nil && !w.flushing && w.err == nil {
		w.push()
	}
	w.mu.Unlock()
}

// gathered returns the number of bytes that wait for uncork.
func (w *wire) gathered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flushing {
		return 0
	}
	return len(w.pending)
}

func (w *wire) startFlush() {
	w.flushing = true
	go w.flush()
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
			_ = w.Close() // the reader wakes
		}
		w.signal()
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
	return w.sending + len(w.pending)
}

// wait waits until at most most bytes are queued. It returns false when the time is over, or the connection broken.
func (w *wire) wait(most int, until time.Time) bool {
	var timer *time.Timer
	for {
		w.mu.Lock()
		if w.err != nil {
			w.mu.Unlock()
			return false
		}
		if w.sending+len(w.pending) <= most {
			w.mu.Unlock()
			return true
		}
		if w.progress == nil {
			w.progress = make(chan struct{})
		}
		progress := w.progress
		w.mu.Unlock()
		if timer == nil {
			timer = time.NewTimer(time.Until(until))
			defer timer.Stop()
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
