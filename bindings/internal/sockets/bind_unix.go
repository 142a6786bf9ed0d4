//go:build unix

package sockets

import (
	"os"
	"syscall"
)

// openFD takes over a descriptor; nil when there is none of that number.
func openFD(fd int) *os.File {
	if fd < 0 || syscall.SetNonblock(fd, true) != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), "socket")
}
