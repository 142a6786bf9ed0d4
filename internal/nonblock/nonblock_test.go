//go:build unix

package nonblock

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"sync"
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
	var m Message
	got, control := make([]byte, 0, n), make([]byte, 24)
	for len(got) < n {
		k, size, err := m.Receive(fd, got[len(got):n], control)
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
	var m Message
	a, b := pair(t)
	for _, size := range []int{1, 4096, 64 << 10, 160 << 10} {
		sent := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		n := 0
		for n < size {
			cut := n + (size-n)/3 // in two parts, one of them empty when little is left
			k, err := m.Send(a, sent[n:cut], sent[cut:])
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
	var m Message
	a, b := pair(t)
	some := make([]byte, 256)
	if n, _, err := m.Receive(a, some, nil); n != 0 || err != syscall.EAGAIN {
		t.Errorf("nothing is there: %d, %v", n, err)
	}
	for _, size := range []int{1 << 10, 256 << 10} {
		n, err := 0, error(nil)
		for err == nil || err == syscall.EINTR {
			n, err = m.Send(a, make([]byte, size), nil)
		}
		if n != 0 || err != syscall.EAGAIN {
			t.Errorf("there is no room: %d, %v", n, err)
		}
	}
	_ = syscall.Shutdown(int(b), syscall.SHUT_RDWR)
	if n, err := m.Send(a, some, nil); n != 0 || err != syscall.EPIPE {
		t.Errorf("the peer has closed: %d, %v", n, err)
	}
	if n, _, err := m.Receive(a, some, nil); n != 0 || err != nil {
		t.Errorf("the peer's end: %d, %v", n, err)
	}
}

// TestWhileCollecting fails when what a call tells the system is not where the system looks for it: in a stack that was moved,
// or in memory that was collected and has got other content.
func TestWhileCollecting(t *testing.T) {
	stop := make(chan struct{})
	var collector sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	var tasks sync.WaitGroup
	for range 4 {
		a, b := pair(t)
		tasks.Go(func() {
			for i := range 500 {
				deep(i%50, func() {
					var m Message // on the stack, if that could be
					head, body := fmt.Appendf(nil, "%d ", i), bytes.Repeat([]byte{byte(i)}, i)
					if n, err := m.Send(a, head, body); n != len(head)+len(body) || err != nil {
						t.Errorf("sent %d, %v", n, err)
					}
					got := make([]byte, 1000)
					n, _, err := m.Receive(b, got, nil)
					if want := string(head) + string(body); err != nil || string(got[:n]) != want {
						t.Errorf("received %.20q, %v, want %.20q", got[:max(n, 0)], err, want)
					}
				})
			}
		})
	}
	tasks.Wait()
	close(stop)
	collector.Wait()
}

// deep calls f with a stack of some KB more.
func deep(n int, f func()) {
	var room [256]byte
	if n > 0 {
		deep(n-1, f)
		room[n] = 1
	} else {
		f()
	}
	runtime.KeepAlive(&room)
}

func TestAllocations(t *testing.T) {
	a, b := pair(t)
	m, some, got := new(Message), make([]byte, 100), make([]byte, 1000)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = m.Send(a, some, some)
		_, _, _ = m.Receive(b, got, nil)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
