//go:build unix

package ws_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/luahost/luahost/internal/ws"
)

// TestHalfOpenConnections fails when thousands of clients that never send a request keep a good one out.
func TestHalfOpenConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("opens thousands of connections")
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ws.Options{})
	for range min(10000, int(min(files.Cur, 1<<20))/2-200) {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	r := s.dial(frame(text, "hello"))
	r.expect(text, "hello")
}
