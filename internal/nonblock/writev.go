//go:build (linux && (race || msan || asan)) || darwin

package nonblock

import "golang.org/x/sys/unix"

// writeBoth writes a and b with one system call.
func writeBoth(fd int, a, b []byte) (int, error) { return unix.Writev(fd, [][]byte{a, b}) }
