package socket

import (
	"bytes"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/vm"
)

// buffer is the bytes of a socket that no script has read yet.
//
// It has no memory of its own while it is empty, or while all it has are the bytes that it was lent.
type buffer struct {
	pool  *sockets.Buffers
	data  []byte // unread
	array []byte // that data lies in; nil while the bytes are lent
	seen  int    // how much of data was searched for the separator of a line
}

func (b *buffer) len() int { return len(b.data) }

// lend adds bytes that stay the lender's: until keep is called, or more are added.
func (b *buffer) lend(p []byte) {
	if len(b.data) == 0 {
		b.drop()
		b.data = p
		return
	}
	b.keep()
	b.append(p)
}

// keep copies what is left of bytes that were lent.
func (b *buffer) keep() {
	if b.array != nil {
		return
	}
	if p := b.data; len(p) > 0 {
		b.data = nil
		b.append(p)
	}
}

func (b *buffer) append(p []byte) {
	size := len(b.data) + len(p)
	if end := cap(b.array) - cap(b.data) + size; b.array == nil || end > cap(b.array) {
		b.move(size)
	}
	b.data = append(b.data, p...)
}

// move makes room for size bytes: in front of those that are unread, or in a larger array.
func (b *buffer) move(size int) {
	array := b.array
	if size > cap(array) || size > cap(array)/2 && cap(array) > sockets.LargeBuffer {
		switch {
		case size <= sockets.SmallBuffer:
			array = b.pool.Get(false)
		case size <= sockets.LargeBuffer:
			array = b.pool.Get(true)
		default:
			array = make([]byte, size+size/2)
		}
	}
	n := copy(array, b.data)
	if old := b.array; old != nil && cap(old) != cap(array) {
		b.pool.Put(old)
	}
	b.array, b.data = array, array[:n]
}

// fill adds bytes of p until there are n, and returns those that are too many. What was lent is kept.
//
// A task waits for exactly n bytes, so they are put where they can stay. Memory is taken as bytes come, not as a peer
// announces them.
func (b *buffer) fill(p []byte, n int) (rest []byte) {
	k := max(0, min(n-len(b.data), len(p)))
	size := len(b.data) + k
	if size == 0 {
		return p
	}
	if b.array == nil || size > cap(b.data) {
		var array []byte
		if room := max(fillAhead*size, sockets.SmallBuffer); room > sockets.SmallBuffer || n <= sockets.SmallBuffer {
			array = make([]byte, max(min(n, room), size))
		} else {
			array = b.pool.Get(false)
		}
		b.data = array[:copy(array, b.data)]
		b.pool.Put(b.array)
		b.array = array
	}
	b.data = append(b.data, p[:k]...)
	return p[k:]
}

// fillAhead is how much more memory than there are bytes may be taken for those that are to come.
const fillAhead = 32

// take removes n bytes, which must be there, and returns them as a string for the state.
func (b *buffer) take(s *vm.State, n int) vm.Value {
	if n == len(b.data) && n == cap(b.array) && n == cap(b.data) && n > 0 {
		v := vm.TakeBytes(b.array)
		b.array = nil
		b.drop()
		return v
	}
	v := vm.TakeBytes(s.CopyWithFront(b.data[:n]))
	b.skip(n)
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
	b.pool.Put(b.array)
	b.data, b.array, b.seen = nil, nil, 0
}
