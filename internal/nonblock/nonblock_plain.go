//go:build unix && (!linux || race || msan || asan)

package nonblock

import "syscall"

// Message has nothing to keep here.
type Message struct{}

// Send sends what the socket takes of a and, behind it, b. The socket must not block, as those of package net don't.
func (*Message) Send(fd uintptr, a, b []byte) (n int, err error) {
	switch {
	case len(b) == 0:
		n, err = syscall.Write(int(fd), a)
	case len(a) == 0:
		n, err = syscall.Write(int(fd), b)
	default:
		n, err = writeBoth(int(fd), a, b)
	}
	return max(n, 0), err
}

// Receive reads what there is into b, which is not empty. size is the length of what the system has put into control.
func (*Message) Receive(fd uintptr, b, control []byte) (n, size int, err error) {
	n, size, _, _, err = syscall.Recvmsg(int(fd), b, control, 0)
	return max(n, 0), size, err
}
