package socket

import (
	"bytes"

	"github.com/luahost/luahost/bindings/internal/sockets"
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

// take removes and returns n bytes, which must be there.
func (b *buffer) take(n int) string {
	s := string(b.data[:n])
	b.data = b.data[n:]
	b.seen = 0
	if len(b.data) == 0 {
		b.drop()
	}
	return s
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
