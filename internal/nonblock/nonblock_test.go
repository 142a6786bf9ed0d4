//go:build unix

package nonblock

import (
	"bytes"
	"errors"
	"syscall"
	"testing"
)

// pair returns two connected sockets that don't block.
func pair(t *testing.T) (a, b uintptr) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Close(fd) })
	}
	return uintptr(fds[0]), uintptr(fds[1])
}

// receive reads n bytes, which are there.
func receive(t *testing.T, fd uintptr, n int) []byte {
	t.Helper()
	got, control := make([]byte, 0, n), make([]byte, 24)
	for len(got) < n {
		k, size, err := Receive(fd, got[len(got):n], control)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || k == 0 || size != 0 {
			t.Fatalf("after %d of %d bytes: %d, %d, %v", len(got), n, k, size, err)
		}
		got = got[:len(got)+k]
	}
	return got
}

func TestBytes(t *testing.T) {
	a, b := pair(t)
	for _, size := range []int{1, 4096, 64 << 10, 160 << 10} {
		sent := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		n := 0
		for n < size {
			k, err := Send(a, sent[n:])
			if k == 0 && !errors.Is(err, syscall.EINTR) {
				break // the system has no more room
			}
			n += max(k, 0)
		}
		if n == 0 {
			t.Fatalf("nothing of %d bytes is sent", size)
		}
		if got := receive(t, b, n); !bytes.Equal(got, sent[:n]) {
			t.Errorf("of %d bytes others have come", n)
		}
	}
}

func TestErrors(t *testing.T) {
	a, b := pair(t)
	some := make([]byte, 256)
	if n, _, err := Receive(a, some, nil); n != 0 || err != syscall.EAGAIN {
		t.Errorf("nothing is there: %d, %v", n, err)
	}
	for _, size := range []int{1 << 10, 256 << 10} {
		n, err := 0, error(nil)
		for err == nil || err == syscall.EINTR {
			n, err = Send(a, make([]byte, size))
		}
		if n != 0 || err != syscall.EAGAIN {
			t.Errorf("there is no room: %d, %v", n, err)
		}
	}
	_ = syscall.Shutdown(int(b), syscall.SHUT_RDWR)
	if n, err := Send(a, some); n != 0 || err != syscall.EPIPE {
		t.Errorf("the peer has closed: %d, %v", n, err)
	}
	if n, _, err := Receive(a, some, nil); n != 0 || err != nil {
		t.Errorf("the peer's end: %d, %v", n, err)
	}
}
