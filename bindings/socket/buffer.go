package socket

import (
	"bytes"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/vm"
)

// buffer is the bytes of a socket that no script has read yet.
//
// It has no memory of its own while it is empty, or while all it has are the bytes that it was lent. When these come to much of
// the array that they are in, it keeps that: a large message becomes a string where it was received.
type buffer struct {
	pool  *sockets.Buffers
	data  []byte // unread
	array []byte // that data lies in, up to its capacity
	lent  bool   // array is the lender's
	given bool   // what was lent is the buffer's by now, or a string's
	seen  int    // how much of data was searched for the separator of a line
}

func (b *buffer) len() int { return len(b.data) }

// lend adds what is in p behind the first from bytes. p stays the lender's until keep is called, or more is added; and when
// given is true then, it isn't the lender's any more. The first bytes are nobody's.
func (b *buffer) lend(p []byte, from int) {
	switch {
	case from == len(p):
	case len(b.data) == 0:
		b.drop()
		b.data, b.array, b.lent = p[from:], p, true
	default:
		b.append(p[from:])
	}
}

// keep makes what is left of bytes that were lent the buffer's: with their array, or as a copy when they are few.
func (b *buffer) keep() {
	switch {
	case !b.lent:
	case 4*len(b.data) >= cap(b.array):
		b.own()
	default:
		b.move(len(b.data))
	}
}

func (b *buffer) own() { b.lent, b.given = false, true }

// release gives the array back to whose it is.
func (b *buffer) release() {
	if !b.lent {
		b.pool.Put(b.array)
	}
	b.array, b.lent = nil, false
}

func (b *buffer) append(p []byte) {
	b.keep()
	if size := len(b.data) + len(p); size > cap(b.data) {
		b.move(size)
	}
	b.data = append(b.data, p...)
}

// move makes room for size bytes: in front of those that are unread, or in another array.
func (b *buffer) move(size int) {
	array := b.array[:cap(b.array)]
	if b.lent || size > len(array) || size > len(array)/2 && len(array) > sockets.LargeBuffer {
		switch {
		case size <= sockets.SmallBuffer:
			array = b.pool.Get(false)
		case size <= sockets.LargeBuffer:
			array = b.pool.Get(true)
		default:
			array = vm.NewBytes(size + size/2)
		}
		b.moveTo(array)
		return
	}
	b.data = array[:copy(array, b.data)]
}

// moveTo moves the bytes to another array.
func (b *buffer) moveTo(array []byte) {
	n := copy(array, b.data)
	b.release()
	b.array, b.data = array, array[:n]
}

// fill adds bytes of p until there are n, and returns how many. What was lent is kept.
//
// A task waits for exactly n bytes, so they are put where they can stay. Memory is taken as bytes come, not as a peer
// announces them.
func (b *buffer) fill(p []byte, n int) int {
	k := max(0, min(n-len(b.data), len(p)))
	size := len(b.data) + k
	if b.lent && b.holds(n) {
		b.own()
	}
	if b.lent || size > cap(b.data) {
		if room := max(fillAhead*size, sockets.SmallBuffer); room > sockets.SmallBuffer || n <= sockets.SmallBuffer {
			b.moveTo(vm.NewBytes(max(min(n, room), size)))
		} else {
			b.moveTo(b.pool.Get(false))
		}
	}
	b.data = append(b.data, p[:k]...)
	return k
}

// fillAhead is how much more memory than there are bytes may be taken for those that are to come.
const fillAhead = 32

// holds tells whether n bytes, from the first unread one on, have room in the array and are most of it.
func (b *buffer) holds(n int) bool { return n <= cap(b.data) && 4*n >= 3*cap(b.array) }

// take removes n bytes, which must be there, and returns them as a string for the state.
func (b *buffer) take(s *vm.State, n int) vm.Value {
	if n == 0 || n < len(b.data) || !b.holds(n) {
		v := vm.TakeBytes(s.CopyWithFront(b.data[:n]))
		b.skip(n)
		return v
	}
	front := cap(b.array) - cap(b.data)
	v := s.TakeBehind(b.array[:front+n], front)
	b.given = b.given || b.lent
	b.array, b.lent = nil, false
	b.drop()
	return v
}

// skip removes n bytes, which must be there.
func (b *buffer) skip(n int) {
	b.data = b.data[n:]
	b.seen = 0
	if len(b.data) == 0 {
		b.drop()
	}
}

// line finds the first separator and returns the length of what is in front of it.
func (b *buffer) line(separator string) (n int, ok bool) {
	from := max(0, b.seen-len(separator)+1)
	if i := bytes.Index(b.data[from:], []byte(separator)); i >= 0 {
		return from + i, true
	}
	b.seen = len(b.data)
	return 0, false
}

// drop forgets all bytes.
func (b *buffer) drop() {
	b.release()
	b.data, b.seen = nil, 0
}
