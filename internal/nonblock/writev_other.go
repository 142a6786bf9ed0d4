//go:build unix && !linux && !darwin

package nonblock

import "golang.org/x/sys/unix"

// writeBoth writes a and, if all of that was taken, b.
func writeBoth(fd int, a, b []byte) (int, error) {
	n, err := unix.Write(fd, a)
	if err != nil || n < len(a) {
		return n, err
	}
	m, err := unix.Write(fd, b)
	if err != nil {
		return n, nil // the next write tells
	}
	return n + m, nil
}
