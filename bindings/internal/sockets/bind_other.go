//go:build !unix

package sockets

import "os"

// openFD takes over a handle; nil when it is none.
func openFD(fd int) *os.File { return os.NewFile(uintptr(fd), "socket") }
