package ws

import (
	"slices"
	"time"

	"github.com/lxzan/gws"
)

// Broadcast sends one message to many connections: it is framed, and compressed, once. It skips those that are closing
// and cuts those that are too slow. data must not change until the connections are closed.
func Broadcast(conns []*Conn, op Opcode, data []byte) (sent int, err error) {
	if err := validate(op, data); err != nil {
		return 0, err
	}
	b := gws.NewBroadcaster(op, data)
	defer b.Close()
	size := len(data)
	var buffer [10]byte
	head := frameHeader(&buffer, op, size)
	plain := make([]*wire, 0, len(conns))
	defer func() { pushAll(plain) }()
	var until time.Time // all those with full queues share one time to wait
	for _, c := range conns {
		if c.Closing() {
			continue
		}
		if c.plain {
			if queued := c.Queued(); queued > c.limits.Queue/2 && !c.hasRoom(queued, 0, &until) {
				c.cut()
			} else if c.transport.wire.gatherFrame(head, data) == nil {
				plain = append(plain, c.transport.wire)
				sent++
			}
			continue
		}
		if queued := c.promise(size); queued > c.limits.Queue/2 && !c.hasRoom(queued, size, &until) {
			c.keep(size)
			c.cut()
			continue
		}
		if b.Broadcast(c.socket, func(error) { c.keep(size) }) == nil {
			sent++
		} else {
			c.keep(size)
		}
	}
	return sent, nil
}

// batch is how many connections of a broadcast one goroutine writes to.
const batch = 256

// pushAll writes what was gathered, on goroutines of its own: they never block, and whoever broadcasts has no system call
// to make for each receiver.
func pushAll(wires []*wire) {
	for part := range slices.Chunk(wires, batch) {
		go func() {
			for _, w := range part {
				w.pushGathered()
			}
		}()
	}
}

// promise counts a message that gws's own goroutine is going to write, and returns what was queued before. keep takes
// it back when that is done.
func (c *Conn) promise(size int) (queued int) {
	c.async.Add(1)
	return c.transport.wire.promise(size)
}

func (c *Conn) keep(size int) {
	c.transport.wire.keep(size)
	c.async.Add(-1)
}

// hasRoom tells whether the queue, of which size bytes are the new message, takes it; it may wait for that.
func (c *Conn) hasRoom(queued, size int, until *time.Time) bool {
	c.handler.Full(c, queued)
	if queued <= c.limits.Queue {
		return true
	}
	if c.limits.Stall < 0 {
		return false
	}
	if until.IsZero() {
		*until = time.Now().Add(maxStalls * c.limits.Stall)
	}
	return c.transport.wire.wait(c.limits.Queue/2+size, *until, c.limits.Stall)
}
