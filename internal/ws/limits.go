package ws

import (
	"fmt"
	"time"
)

// The defaults: what a connection, and a server, may use unless told otherwise.
const (
	DefaultMessage      = 1 << 20                // bytes of one message from a peer, over all fragments, inflated; more: 1009
	DefaultQueue        = 1 << 20                // bytes that may wait for a peer that doesn't read; more: 1013, and cut
	DefaultStall        = 100 * time.Millisecond // for a full queue to get shorter while a writer waits for it; then cut
	DefaultWriteTimeout = 10 * time.Second       // for 64 KiB of the queue to be taken by the peer's system; then cut
	DefaultPing         = 25 * time.Second       // between pings; 0 sends none
	DefaultPong         = 10 * time.Second       // from a ping to its pong, if nothing else comes; then cut
	DefaultClosing      = 2 * time.Second        // for the closing handshake, the flush of the queue included
	DefaultHandshake    = 5 * time.Second        // for the request's header, and for the TLS handshake
	DefaultHeader       = 16 << 10               // bytes of the request's line and header; net/http allows 4 KiB more; then 431
	DefaultIdle         = 30 * time.Second       // of a connection that has asked for a page and may ask for another
	DefaultConnections  = 65536                  // of a server, with those that are not upgraded (yet)
	DefaultPerAddress   = 16384                  // connections of one client address (of one /64 in IPv6)
	DefaultThreshold    = 512                    // bytes from which messages are compressed, if compression was agreed on
	DefaultLevel        = 1                      // of compression, 1 (fast) to 9 (small)
)

// MaxMessage is the most that Limits.Message may be.
const MaxMessage = 1 << 30

// Limits are what a connection may use. Zero fields mean the defaults above.
type Limits struct {
	Message      int           // bytes, 1 to MaxMessage
	Queue        int           // bytes
	Stall        time.Duration // negative: don't wait
	WriteTimeout time.Duration
	Ping         time.Duration // negative: no pings
	Pong         time.Duration // shorter than Ping
	Closing      time.Duration
	Handshake    time.Duration
	Header       int // bytes
}

// WithDefaults fills in the defaults and checks the ranges.
func (l Limits) WithDefaults() (Limits, error) {
	setDefault(&l.Message, DefaultMessage)
	setDefault(&l.Queue, DefaultQueue)
	setDefault(&l.Stall, DefaultStall)
	setDefault(&l.WriteTimeout, DefaultWriteTimeout)
	setDefault(&l.Ping, DefaultPing)
	setDefault(&l.Pong, min(DefaultPong, max(l.Ping/2, 0)))
	setDefault(&l.Closing, DefaultClosing)
	setDefault(&l.Handshake, DefaultHandshake)
	setDefault(&l.Header, DefaultHeader)
	switch {
	case l.Message < 0 || l.Message > MaxMessage:
		return l, fmt.Errorf("a message limit of %d bytes: want 1 to %d", l.Message, MaxMessage)
	case l.Queue < 0:
		return l, fmt.Errorf("a queue of %d bytes: want 1 or more", l.Queue)
	case l.Header < 0:
		return l, fmt.Errorf("a header limit of %d bytes: want 1 or more", l.Header)
	case l.WriteTimeout < 0 || l.Closing < 0 || l.Handshake < 0 || l.Pong < 0:
		return l, fmt.Errorf("a negative timeout")
	case l.Ping > 0 && l.Pong >= l.Ping:
		return l, fmt.Errorf("a pong time of %v with a ping every %v: want a shorter one", l.Pong, l.Ping)
	}
	return l, nil
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
