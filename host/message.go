package host

import "fmt"

// Handle is the address of a service: the harbor id in the top byte, a number counted from 1 below.
type Handle uint32

// String returns the form that skynet prints: ":0000000a".
func (h Handle) String() string { return fmt.Sprintf(":%08x", uint32(h)) }

// MessageType is skynet's PTYPE: what a message is and who in the service takes it.
type MessageType uint8

const (
	TypeText      MessageType = 0
	TypeResponse  MessageType = 1
	TypeMulticast MessageType = 2
	TypeClient    MessageType = 3
	TypeSystem    MessageType = 4
	TypeHarbor    MessageType = 5
	TypeSocket    MessageType = 6
	TypeError     MessageType = 7
	TypeQueue     MessageType = 8
	TypeDebug     MessageType = 9
	TypeLua       MessageType = 10
	TypeSnax      MessageType = 11
	TypeTrace     MessageType = 12
)

// Message is what a service receives. A message of session 0 asks for no response.
type Message struct {
	Type    MessageType
	Source  Handle
	Session int
	Data    []byte // never changed once it is sent: messages may share it
	Value   any    // what Go code sends to Go code of a service; scripts don't see it
	run     func(*Service)
}

// asks reports whether somebody waits for a response to m.
func (m *Message) asks() bool {
	return m.Session != 0 && m.run == nil && m.Type != TypeResponse && m.Type != TypeError
}
