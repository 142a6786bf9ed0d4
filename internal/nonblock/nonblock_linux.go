//go:build !race && !msan && !asan

package nonblock

import (
	"reflect"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// mostBytes is how much a call copies that nobody is told of: some 20 us, for which the collector may have to wait.
const mostBytes = 128 << 10

// Message is what a call tells the system; it is kept so that it need not be made for each.
type Message struct {
	header unix.Msghdr
	parts  [2]unix.Iovec
}

// Send sends what the socket takes of a and, behind it, b.
func (m *Message) Send(fd uintptr, a, b []byte) (n int, err error) {
	if len(a)+len(b) > mostBytes {
		return sendLong(fd, a, b)
	}
	m.put(a, b)
	return m.call(unix.SYS_SENDMSG, fd, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}

// Receive reads what there is into b, which is not empty. size is the length of what the system has put into control.
func (m *Message) Receive(fd uintptr, b, control []byte) (n, size int, err error) {
	if len(b) > mostBytes {
		n, size, _, _, err = syscall.Recvmsg(int(fd), b, control, unix.MSG_DONTWAIT)
		return max(n, 0), size, err
	}
	m.put(b, nil)
	if len(control) > 0 {
		m.header.Control = &control[0]
	}
	m.header.SetControllen(len(control))
	n, err = m.call(unix.SYS_RECVMSG, fd, unix.MSG_DONTWAIT)
	size = int(m.header.Controllen)
	return n, size, err
}

func (m *Message) put(a, b []byte) {
	n := 0
	for _, part := range [...][]byte{a, b} {
		if len(part) > 0 {
			m.parts[n].Base = &part[0]
			m.parts[n].SetLen(len(part))
			n++
		}
	}
	m.header = unix.Msghdr{Iov: &m.parts[0]}
	m.header.SetIovlen(n)
}

// call hands the header to the system, by its address. That holds during the call: what Pointer was asked for is on the heap,
// where nothing moves, and m is alive behind the call, with the bytes that it points to.
func (m *Message) call(trap, fd, flags uintptr) (n int, err error) {
	r, _, errno := syscall.RawSyscall(trap, fd, reflect.ValueOf(&m.header).Pointer(), flags)
	m.header.Iov, m.header.Control = nil, nil
	clear(m.parts[:])
	runtime.KeepAlive(m)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

func sendLong(fd uintptr, a, b []byte) (n int, err error) {
	return unix.SendmsgBuffers(int(fd), [][]byte{a, b}, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}
