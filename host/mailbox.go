package host

import (
	"sync"
	"weak"
)

// mailbox is a service's queue of messages, and the record of whose turn the service is.
//
// It has no bound, as in skynet: a sender never blocks, and a service that falls behind is reported
// (see overloadStart) instead of losing messages.
type mailbox struct {
	mu    sync.Mutex
	ring  []Message
	head  int
	count int
	spare weak.Pointer[burst] // the ring of the last burst, unless a garbage collection has come since
	turn  turn

	held      chan struct{} // closed when turnLeaving becomes turnHeld
	overload  int           // the length that must be exceeded for the next report
	delivered uint64
}

// burst is a ring that was too long to be kept.
type burst struct{ ring []Message }

// turn tells who may enter the service's state.
type turn uint8

const (
	turnIdle    turn = iota // nobody; no message waits
	turnQueued              // the next free worker
	turnRunning             // the goroutine that took it
	turnLeaving             // the same, and then who called hold
	turnHeld                // who called hold
	turnClosed              // nobody ever again
)

const (
	// overloadStart is the queue length from which on a service is reported as overloaded, as in skynet;
	// each report doubles it.
	overloadStart = 1024
	// keptRing is the longest ring that an idle mailbox keeps.
	keptRing = 64
)

// push adds a message. It reports whether the mailbox took it, and whether the service must be put in the run queue.
func (b *mailbox) push(m Message) (ok, wake bool) {
	b.mu.Lock()
	if b.turn == turnClosed {
		b.mu.Unlock()
		return false, false
	}
	if b.count == len(b.ring) {
		b.grow()
	}
	b.ring[(b.head+b.count)&(len(b.ring)-1)] = m
	b.count++
	if b.turn == turnIdle {
		b.turn = turnQueued
		wake = true
	}
	b.mu.Unlock()
	return true, wake
}

func (b *mailbox) grow() {
	var ring []Message
	if last := b.spare.Value(); last != nil && len(b.ring) >= keptRing && len(last.ring) > len(b.ring) {
		ring, b.spare = last.ring, weak.Pointer[burst]{}
	} else {
		ring = make([]Message, max(1, 2*len(b.ring)))
	}
	for i := range b.count {
		ring[i] = b.ring[(b.head+i)&(len(b.ring)-1)]
	}
	b.ring, b.head = ring, 0
}

// begin takes the turn of a queued service.
func (b *mailbox) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnQueued {
		return false
	}
	b.turn = turnRunning
	return true
}

// tryEnter takes the turn of a service that is idle.
func (b *mailbox) tryEnter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnIdle {
		return false
	}
	b.turn = turnRunning
	return true
}

// pop takes the first message, if there is one and the turn goes on. overload is the queue's length when that is to be
// reported, else 0.
func (b *mailbox) pop() (m Message, overload int, ok bool) {
	b.mu.Lock()
	if b.count == 0 || b.turn != turnRunning {
		b.mu.Unlock()
		return Message{}, 0, false
	}
	m = b.ring[b.head]
	b.ring[b.head] = Message{}
	b.head = (b.head + 1) & (len(b.ring) - 1)
	b.count--
	b.delivered++
	if b.count > overloadStart && b.count > b.overload {
		overload = b.count
		for b.overload = overloadStart; b.count > b.overload; {
			b.overload *= 2
		}
	}
	b.mu.Unlock()
	return m, overload, true
}

// rest ends a turn when no message waits; it reports whether the turn has ended.
func (b *mailbox) rest() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnRunning {
		b.leaves()
		return true
	}
	if b.count > 0 {
		return false
	}
	b.turn = turnIdle
	b.overload = 0
	if len(b.ring) > keptRing {
		b.spare = weak.Make(&burst{b.ring}) // a burst is over: give its memory back, if another one doesn't come first
		b.ring = nil
	}
	return true
}

// leave ends a turn. It reports whether messages wait, and the service must be put in the run queue.
func (b *mailbox) leave() (wake bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnRunning {
		b.leaves()
		return false
	}
	if b.count > 0 {
		b.turn = turnQueued
		return true
	}
	b.turn = turnIdle
	return false
}

// close ends the mailbox and returns the messages that nobody will read.
func (b *mailbox) close() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaves()
	b.turn = turnClosed
	rest := make([]Message, 0, b.count)
	for i := range b.count {
		rest = append(rest, b.ring[(b.head+i)&(len(b.ring)-1)])
	}
	b.ring, b.count, b.spare = nil, 0, weak.Pointer[burst]{}
	return rest
}

// counts returns how many messages wait, and how many were handled.
func (b *mailbox) counts() (waiting int, delivered uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count, b.delivered
}
