//go:build unix

package ws

import (
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
