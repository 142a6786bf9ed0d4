// Package socketmessage is the form of messages of type socket, by which services that use skynet.socketdriver learn
// what happens to their sockets.
package socketmessage

import "encoding/binary"

// Kind is what has happened. The numbers are skynet's.
type Kind byte

const (
	Data    Kind = 1 // Payload came
	Connect Kind = 2 // it is open or listens, at the address Payload and the port Number
	Close   Kind = 3
	Accept  Kind = 4 // a client at the address Payload has the id Number
	Error   Kind = 5 // Payload tells which
	UDP     Kind = 6 // Payload came, followed by the sender's address, of Number bytes
	Warning Kind = 7 // Number kilobytes wait to be sent
)

// Message tells of one socket.
type Message struct {
	Kind    Kind
	ID      int
	Number  int
	Payload []byte
}

const headerSize = 9

// Encode makes the bytes of a message: the kind in one, id and number in four each, and the payload.
func (m Message) Encode() []byte {
	b := make([]byte, 0, headerSize+len(m.Payload))
	b = append(b, byte(m.Kind))
	b = binary.LittleEndian.AppendUint32(b, uint32(m.ID))
	b = binary.LittleEndian.AppendUint32(b, uint32(m.Number))
	return append(b, m.Payload...)
}

// Decode is the inverse of Encode; ok is false when b is no message. The payload shares b.
func Decode(b []byte) (m Message, ok bool) {
	if len(b) < headerSize || b[0] == 0 || Kind(b[0]) > Warning {
		return Message{}, false
	}
	return Message{
		Kind:    Kind(b[0]),
		ID:      int(binary.LittleEndian.Uint32(b[1:])),
		Number:  int(binary.LittleEndian.Uint32(b[5:])),
		Payload: b[headerSize:],
	}, true
}
