package sockets

import (
	"sync"

	"github.com/luahost/luahost/vm"
)

// Sizes of the arrays that Buffers has. 64 KiB and what frames them, as the header of a WebSocket frame, fit into a large
// one.
const (
	SmallBuffer = 4 << 10
	LargeBuffer = 72 << 10
)

// Buffers lends out arrays for bytes that were read. A connection has one only while bytes come in, or are unread.
type Buffers struct {
	small, large sync.Pool
}

// Get returns SmallBuffer or LargeBuffer bytes of any content.
func (p *Buffers) Get(large bool) []byte {
	if large {
		if b, ok := p.large.Get().(*[LargeBuffer]byte); ok {
			return b[:]
		}
		return vm.NewBytes(LargeBuffer)
	}
	if b, ok := p.small.Get().(*[SmallBuffer]byte); ok {
		return b[:]
	}
	return vm.NewBytes(SmallBuffer)
}

// Put takes back what Get returned, in any length. Other slices are left to the garbage collector.
func (p *Buffers) Put(b []byte) {
	switch cap(b) {
	case SmallBuffer:
		p.small.Put((*[SmallBuffer]byte)(b[:SmallBuffer]))
	case LargeBuffer:
		p.large.Put((*[LargeBuffer]byte)(b[:LargeBuffer]))
	}
}
