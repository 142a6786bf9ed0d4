package tcpread

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"
)

// Prepare asks the system to tell what is left (TCP_INQ, Linux 4.18).
func (s *State) Prepare(fd uintptr) {
	s.tells = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_INQ, 1) == nil
}

// Read reads what is there. drained says that nothing was left of it, not even the peer's end.
func (s *State) Read(fd uintptr, b []byte) (n int, drained bool, err error) {
	for {
		if !s.tells {
			n, err = syscall.Read(int(fd), b)
		} else {
			var size int
			if n, size, err = s.message.Receive(fd, b, s.control[:]); err == nil {
				drained = n < len(b) && s.left(size) == 0
			}
		}
		if err != syscall.EINTR {
			return n, drained, err
		}
	}
}

// left returns what the control message says is left: the number of bytes, 1 if only the end is; -1 if it says nothing.
func (s *State) left(size int) int32 {
	const header = syscall.SizeofCmsghdr
	if size < header+4 {
		return -1
	}
	native := binary.NativeEndian
	if native.Uint32(s.control[header-8:]) != unix.IPPROTO_TCP || native.Uint32(s.control[header-4:]) != unix.TCP_CM_INQ {
		return -1
	}
	return int32(native.Uint32(s.control[header:]))
}
