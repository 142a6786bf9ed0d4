//go:build unix && (!linux || race || msan || asan)

package nonblock

import "syscall"

// Send sends what the socket takes of b. The socket must not block, as those of package net don't.
func Send(fd uintptr, b []byte) (n int, err error) {
	n, err = syscall.Write(int(fd), b)
	return max(n, 0), err
}

// Receive reads what there is into b, which is not empty. size is the length of what the system has put into control.
func Receive(fd uintptr, b, control []byte) (n, size int, err error) {
	n, size, _, _, err = syscall.Recvmsg(int(fd), b, control, 0)
	return max(n, 0), size, err
}
