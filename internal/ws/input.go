package ws

import (
	"bytes"
	"sync"
)

// input is what was read from a socket and isn't handled yet. It has a buffer only for as long as it needs one.
type input struct {
	buffer   []byte
	from, to int
	long     bool // a message has come that doesn't fit into a short buffer
}

// longBuffer is the size of the longest frame that isn't left to gws: more than 64 KiB, which is a popular size, and a header.
const longBuffer = 72 << 10

var longBuffers = sync.Pool{New: func() any { return new([longBuffer]byte) }}

func (in *input) bytes() []byte { return in.buffer[in.from:in.to] }

func (in *input) empty() bool { return in.from == in.to }

// room returns where to read to.
func (in *input) room() []byte {
	if in.buffer == nil {
		in.borrow()
	}
	if in.empty() {
		in.from, in.to = 0, 0
	}
	return in.buffer[in.to:]
}

func (in *input) borrow() {
	if in.long {
		in.buffer = longBuffers.Get().(*[longBuffer]byte)[:]
	} else {
		in.buffer = getBuffer(keptBuffer)[:keptBuffer]
	}
}

func giveBack(buffer []byte) {
	switch len(buffer) {
	case longBuffer:
		longBuffers.Put((*[longBuffer]byte)(buffer))
	case keptBuffer:
		putBuffer(buffer)
	}
}

// fit makes room for a frame of size bytes, of which the first are there.
func (in *input) fit(size int) {
	rest, buffer := in.bytes(), in.buffer
	if size > len(buffer) {
		in.long = true
		in.borrow()
		defer giveBack(buffer)
	}
	if in.from+size > len(buffer) {
		in.from, in.to = 0, copy(in.buffer, rest)
	}
}

// release gives the buffer back. It returns a copy of what is left.
func (in *input) release() []byte {
	var rest []byte
	if !in.empty() {
		rest = bytes.Clone(in.bytes())
	}
	giveBack(in.buffer)
	in.buffer, in.from, in.to = nil, 0, 0
	return rest
}
