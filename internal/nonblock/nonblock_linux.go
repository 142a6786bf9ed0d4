//go:build !race && !msan && !asan

package nonblock

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mostBytes is how much a call copies that nobody is told of: some 20 us, for which the collector may have to wait.
const mostBytes = 128 << 10

// Send sends what the socket takes of b.
func Send(fd uintptr, b []byte) (n int, err error) {
	if len(b) > mostBytes {
		return unix.SendmsgN(int(fd), b, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	}
	r, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// Receive reads what there is into b, which is not empty. size is the length of what the system has put into control.
func Receive(fd uintptr, b, control []byte) (n, size int, err error) {
	if len(b) > mostBytes {
		n, size, _, _, err = syscall.Recvmsg(int(fd), b, control, unix.MSG_DONTWAIT)
		return n, size, err
	}
	part := unix.Iovec{Base: unsafe.SliceData(b)}
	part.SetLen(len(b))
	message := unix.Msghdr{Iov: &part, Control: unsafe.SliceData(control)}
	message.SetIovlen(1)
	message.SetControllen(len(control))
	r, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&message)), unix.MSG_DONTWAIT)
	if errno != 0 {
		return 0, 0, errno
	}
	return int(r), int(message.Controllen), nil
}
