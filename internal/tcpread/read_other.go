//go:build unix && !linux

package tcpread

import "syscall"

// Prepare does nothing: only Linux tells what is left.
func (s *State) Prepare(uintptr) {}

// Read reads what is there. drained is never known.
func (s *State) Read(fd uintptr, b []byte) (n int, drained bool, err error) {
	for {
		if n, err = syscall.Read(int(fd), b); err != syscall.EINTR {
			return n, false, err
		}
	}
}
