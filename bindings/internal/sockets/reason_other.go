//go:build !windows

package sockets

import "syscall"

func errnoText(e syscall.Errno) string { return e.Error() }
