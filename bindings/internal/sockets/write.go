package sockets

import (
	"net"
	"sync"
	"time"

	"github.com/luahost/luahost/internal/nonblock"
)

const (
	// warnSize is how many bytes wait to be sent when the owner is told for the first time, as in skynet.
	warnSize = 1 << 20

	// batchSize is how many bytes are handed to the kernel at once by the goroutine that sends what was queued.
	batchSize = 256 << 10
)

// writer is the sending side of a Stream.
//
// Its queue has no bound, as in skynet: a script can't be made to wait in the middle of a write. Scripts are told
// when it grows (Events.Unsent), and decide.
type writer struct {
	mu      sync.Mutex
	high    [][]byte
	low     [][]byte // sent when high is empty
	queued  int      // bytes in both, and in the batch on its way
	warnAt  int
	busy    bool // a goroutine sends
	broken  bool // by an error
	closed  bool // nothing may be added
	traffic traffic

	socket     bool   // TCP: sending never waits
	attempt    []byte // for onWritable
	message    nonblock.Message
	sent       int // by it
	err        error
	onWritable func(fd uintptr) bool
}

// Write implements Socket.
func (s *Stream) Write(b []byte, low bool) bool {
	w := &s.out
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return false
	}
	if w.broken || len(b) == 0 {
		w.mu.Unlock()
		return true // the owner is being told
	}
	if !w.busy {
		n, err := s.try(b)
		w.traffic.add(n, s.set.host.Now())
		if err != nil {
			w.broken = true
			w.mu.Unlock()
			s.fail(err)
			return true
		}
		if b = b[n:]; len(b) == 0 {
			w.mu.Unlock()
			return true
		}
		w.busy = true
		s.set.work.Go(s.flush)
	}
	kilobytes := w.add(b, low)
	w.mu.Unlock()
	if kilobytes > 0 {
		s.tellUnsent(kilobytes)
	}
	return true
}

// add queues bytes. It returns how many kilobytes wait if the owner is to be told, else 0.
func (w *writer) add(b []byte, low bool) (kilobytes int) {
	if low {
		w.low = append(w.low, b)
	} else {
		w.high = append(w.high, b)
	}
	w.queued += len(b)
	if w.queued < w.warnAt {
		return 0
	}
	for w.warnAt <= w.queued {
		w.warnAt *= 2
	}
	return (w.queued + 1023) / 1024
}

func (s *Stream) tellUnsent(kilobytes int) {
	s.post(func(e Events) {
		if e != nil {
			e.Unsent(kilobytes)
		}
	})
}

// flush is the goroutine that sends what is queued; it ends when nothing is.
func (s *Stream) flush() {
	w := &s.out
	var batch net.Buffers
	for {
		w.mu.Lock()
		batch = w.next(batch[:0])
		if len(batch) == 0 {
			s.flushed()
			return
		}
		if w.closed {
			_ = s.conn.SetWriteDeadline(time.Now().Add(flushTime))
		}
		w.mu.Unlock()
		rest := batch
		n, err := rest.WriteTo(s.conn)
		clear(batch)
		w.mu.Lock()
		w.queued = max(0, w.queued-int(n))
		w.traffic.add(int(n), s.set.host.Now())
		if err != nil {
			s.flushFailed(err)
			return
		}
		w.mu.Unlock()
	}
}

// next moves bytes from the queue to a batch. What is begun of a low piece comes first from then on.
func (w *writer) next(batch net.Buffers) net.Buffers {
	for size := 0; size < batchSize; {
		if len(w.high) == 0 {
			w.high = nil
			if len(w.low) == 0 || len(batch) > 0 {
				break
			}
			w.high = append(w.high, w.low[0])
			w.low[0] = nil
			w.low = w.low[1:]
		}
		piece := w.high[0]
		if n := batchSize - size; len(piece) > n {
			w.high[0] = piece[n:]
			piece = piece[:n]
		} else {
			w.high[0] = nil
			w.high = w.high[1:]
		}
		batch = append(batch, piece)
		size += len(piece)
	}
	if len(w.low) == 0 {
		w.low = nil
	}
	return batch
}

// flushed ends the goroutine of a queue that is empty; it unlocks the writer.
func (s *Stream) flushed() {
	w := &s.out
	w.busy = false
	closed, warned := w.closed, w.warnAt > warnSize
	w.warnAt = warnSize
	w.mu.Unlock()
	switch {
	case closed:
		s.finish()
	case warned:
		s.tellUnsent(0)
	}
}

// flushFailed ends the goroutine after an error; it unlocks the writer.
func (s *Stream) flushFailed(err error) {
	w := &s.out
	w.busy, w.broken = false, true
	w.drop()
	closed := w.closed
	w.mu.Unlock()
	if closed {
		s.release()
		return
	}
	s.fail(err)
}

func (w *writer) drop() {
	w.high, w.low, w.queued = nil, nil, 0
}
