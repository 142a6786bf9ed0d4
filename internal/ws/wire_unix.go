//go:build unix

package ws

import "syscall"

// canTry tells that try works: the descriptors of Go's sockets don't block.
const canTry = true

// try writes once; it never asks to be called again.
func (w *wire) try(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.attempt)
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
