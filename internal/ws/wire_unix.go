//go:build unix

package ws

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// canTry tells that try works: the descriptors of Go's sockets don't block.
const canTry = true

// try writes once; it never asks to be called again.
func (w *wire) try(fd uintptr) bool {
	for {
		n, err := w.write(int(fd))
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

func (w *wire) write(fd int) (int, error) {
	if len(w.behind) == 0 {
		return unix.Write(fd, w.attempt)
	}
	return writeBoth(fd, w.attempt, w.behind)
}

// tryRead reads once; errNotYet tells that nothing is there.
func tryRead(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return 0, errNotYet
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// shutdown ends both directions: whoever waits for the socket wakes.
func shutdown(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }
