package netpack

import (
	"encoding/binary"
	"fmt"
)

// MaxPacket is how many bytes a packet can have.
const MaxPacket = 1<<16 - 1

const headerSize = 2

// Queue cuts the bytes of many sockets into packets, and keeps packets until they are asked for.
type Queue struct {
	partial map[int][]byte // by socket: a packet that isn't complete, with its header
	ready   []Packet
	first   int
}

// Packet is what came in one packet of a socket.
type Packet struct {
	ID   int
	Data []byte
}

// Add takes bytes of a socket. The packets that they complete are queued; it returns how many are.
func (q *Queue) Add(id int, b []byte) int {
	if rest := q.partial[id]; len(rest) > 0 {
		b = append(rest, b...)
	}
	added := 0
	for len(b) >= headerSize {
		end := headerSize + int(binary.BigEndian.Uint16(b))
		if len(b) < end {
			break
		}
		q.ready = append(q.ready, Packet{id, append([]byte(nil), b[headerSize:end]...)})
		added++
		b = b[end:]
	}
	q.keep(id, b)
	return added
}

// keep stores the beginning of a packet.
func (q *Queue) keep(id int, b []byte) {
	if len(b) == 0 {
		delete(q.partial, id)
		return
	}
	if q.partial == nil {
		q.partial = map[int][]byte{}
	}
	q.partial[id] = append([]byte(nil), b...)
}

// Forget drops what a socket left incomplete.
func (q *Queue) Forget(id int) { delete(q.partial, id) }

// Pop takes the oldest packet.
func (q *Queue) Pop() (p Packet, ok bool) {
	if q.first == len(q.ready) {
		return Packet{}, false
	}
	p = q.ready[q.first]
	q.ready[q.first] = Packet{}
	if q.first++; q.first == len(q.ready) {
		q.ready, q.first = q.ready[:0], 0
	}
	return p, true
}

// Clear drops everything.
func (q *Queue) Clear() { *q = Queue{} }

// Pack puts the length in front of a packet.
func Pack(data []byte) ([]byte, error) {
	if len(data) > MaxPacket {
		return nil, fmt.Errorf("Invalid size (too long) of data : %d", len(data))
	}
	b := make([]byte, 0, headerSize+len(data))
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...), nil
}
