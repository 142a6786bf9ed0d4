package vm

import "unsafe"

// A long string that Go code has read from outside can have memory in front that is nobody's yet. Then header .. string costs
// what the header has: a frame passes through a script without being copied for the sake of its header.
//
// Invariant: the room bytes in front of at are in the same allocation, and belong to no string. Only State.front knows of
// them, and widen, which gives them away, moves it in front of them. What a message left is forgotten when it is over, so
// that it keeps no memory.
type front struct {
	at   *byte // where the string begins; nil: there is none
	room int
}

const (
	frontRoom  = 16   // the header of a masked WebSocket frame has 14
	frontLeast = 1024 // shorter strings are copied
)

// CopyWithFront returns a copy of b, to be changed if need be and given to TakeBytes; see BytesWithFront.
func (s *State) CopyWithFront(b []byte) []byte {
	c := s.BytesWithFront(len(b))
	copy(c, b)
	return c
}

// BytesWithFront returns n bytes of any content, to be written to and given to TakeBytes. When there are many, a script can
// put some bytes in front of that string, as one does with a frame's header, without the string being copied again.
func (s *State) BytesWithFront(n int) []byte {
	if n < frontLeast {
		return NewBytes(n)
	}
	b := NewBytes(frontRoom + n)
	s.front = front{&b[frontRoom], frontRoom}
	return b[frontRoom:]
}

// TakeBehind returns the bytes of b behind the first n as a string, without a copy. The first n are the room in front of it.
// The caller gives all of b up.
func (s *State) TakeBehind(b []byte, n int) Value {
	if len(b)-n >= frontLeast {
		s.front = front{&b[n], n}
	}
	return TakeBytes(b[n:])
}

// widen returns str with n bytes in front, to be written at once. ok is false when there is no room for them.
func (s *State) widen(str string, n int) (room []byte, whole string, ok bool) {
	at := unsafe.StringData(str)
	if s.front.at == nil || s.front.at != at || n > s.front.room {
		return nil, "", false
	}
	p := (*byte)(unsafe.Add(unsafe.Pointer(at), -n))
	s.front = front{p, s.front.room - n}
	return unsafe.Slice(p, n), unsafe.String(p, n+len(str)), true
}

// Prepend returns head .. str; see CopyWithFront. The caller has reserved the memory.
func (s *State) Prepend(head []byte, str string) Value {
	if room, whole, ok := s.widen(str, len(head)); ok {
		copy(room, head)
		return String(whole)
	}
	return String(string(head) + str)
}

// joinInFront concatenates strings, if there is room for all in front of the last one.
func (s *State) joinInFront(values []Value, size int) (Value, bool) {
	last := values[len(values)-1].str()
	room, whole, ok := s.widen(last, size-len(last))
	if !ok {
		return Value{}, false
	}
	for _, v := range values[:len(values)-1] {
		room = room[copy(room, v.str()):]
	}
	return String(whole), true
}
