package ws

import "sync"

// buffers are kept from write to write, across connections: an idle one holds none.
var buffers = sync.Pool{New: func() any { return new([keptBuffer]byte) }}

const keptBuffer = 4 << 10

func getBuffer(size int) []byte {
	if size > keptBuffer {
		return make([]byte, 0, size)
	}
	return buffers.Get().(*[keptBuffer]byte)[:0]
}

func putBuffer(b []byte) {
	if cap(b) == keptBuffer {
		buffers.Put((*[keptBuffer]byte)(b[:keptBuffer]))
	}
}
