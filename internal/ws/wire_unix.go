//go:build unix

package ws

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/luahost/luahost/internal/tcpread"
)

// canTry tells that try works: the descriptors of Go's sockets don't block.
const canTry = true

// try writes once; it never asks to be called again.
func (w *wire) try(fd uintptr) bool {
	for {
		n, err := w.message.Send(fd, w.attempt, w.behind)
		switch err {
		case nil:
			w.taken = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			w.tryErr = err
		}
		return true
	}
}

// tryRead reads once; errNotYet tells that nothing is there.
func tryRead(tcp *tcpread.State, fd uintptr, p []byte) (n int, drained bool, err error) {
	switch n, drained, err = tcp.Read(fd, p); {
	case err == syscall.EAGAIN:
		return 0, false, errNotYet
	case err != nil:
		return 0, false, err
	case n == 0:
		return 0, false, io.EOF
	}
	return n, drained, nil
}

// shutdown ends both directions: whoever waits for the socket wakes.
func shutdown(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }
