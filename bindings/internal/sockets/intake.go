package sockets

import (
	"io"
	"sync"
	"time"
)

// maxUnseen is how many clients, or datagrams, a busy owner may be behind before no more are taken from the kernel.
const maxUnseen = 128

// intake is what a Listener and a Packets are: a goroutine that takes from the kernel what comes, while somebody wants it.
type intake struct {
	core
	conn     io.Closer
	deadline func(time.Time) error // ends the goroutine's waiting
	take     func()                // the goroutine: it ends when wanted says no

	// Guarded by core.mu.
	taking bool // the goroutine exists
	paused bool

	unseen  chan struct{} // has an element for each thing that the owner has not been told of
	done    chan struct{} // closed with the socket
	closing sync.Once
}

func newIntake(t *Set, o *Owner, conn io.Closer, deadline func(time.Time) error) intake {
	return intake{
		core:     core{set: t, id: t.NewID(), owner: o},
		conn:     conn,
		deadline: deadline,
		paused:   true,
		unseen:   make(chan struct{}, maxUnseen),
		done:     make(chan struct{}),
	}
}

// Start implements Socket.
func (i *intake) Start(o *Owner, e Events) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed() {
		return ErrInvalid
	}
	if err := i.adopt(o, e); err != nil {
		return err
	}
	i.paused = false
	_ = i.deadline(time.Time{})
	if !i.taking {
		i.taking = true
		i.set.work.Go(i.take)
	}
	return nil
}

// Pause implements Socket.
func (i *intake) Pause() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pause()
}

func (i *intake) pause() {
	i.paused = true
	_ = i.deadline(time.Unix(1, 0)) // wakes the goroutine
}

// Abandon implements Socket.
func (i *intake) Abandon(o *Owner) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.owner != o {
		return
	}
	i.events = nil
	i.pause()
}

// Close implements Socket.
func (i *intake) Close() {
	i.closing.Do(func() {
		close(i.done)
		_ = i.conn.Close()
		i.set.remove(&i.core)
	})
}

// Shutdown implements Socket.
func (i *intake) Shutdown() {
	if i.closed() {
		return
	}
	i.Close()
	i.post(func(e Events) {
		if e != nil {
			e.Closed()
		}
	})
}

func (i *intake) closed() bool {
	select {
	case <-i.done:
		return true
	default:
		return false
	}
}

// wanted reports whether more is to be taken; else the goroutine ends.
func (i *intake) wanted() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.taking = !i.paused && !i.closed()
	return i.taking
}
