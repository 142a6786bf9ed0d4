package ws

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// deadlines is a connection that keeps the write deadlines it was given.
type deadlines struct {
	net.Conn
	mu  sync.Mutex
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.mu.Lock()
	d.set = append(d.set, t)
	d.mu.Unlock()
	return d.Conn.SetWriteDeadline(t)
}

// TestDeadlineOfTheQueue fails when the chunks of a queue have no deadline, or when the last one stays: it would end a
// write that comes much later.
func TestDeadlineOfTheQueue(t *testing.T) {
	ours, peers := net.Pipe()
	defer ours.Close()
	defer peers.Close()
	go func() { _, _ = io.Copy(io.Discard, peers) }()
	d := &deadlines{Conn: ours}
	w := newWire(d)
	w.queue(time.Minute)
	if _, err := w.Write(make([]byte, 3*chunk)); err != nil {
		t.Fatal(err)
	}
	for flushing := true; flushing; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		flushing = w.flushing
		w.mu.Unlock()
	}
	if n := len(d.set); n != 4 || d.set[0].IsZero() || d.set[2].IsZero() || !d.set[3].IsZero() {
		t.Errorf("write deadlines: %v, want three and then none", d.set)
	}
}
