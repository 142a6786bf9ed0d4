//go:build unix

package tcpread

import (
	"runtime"
	"testing"

	"github.com/luahost/luahost/internal/conntest"
)

// What is left after a read is known, the peer's end included.
func TestDrained(t *testing.T) {
	tells := runtime.GOOS == "linux"
	for _, c := range []struct {
		name    string
		send    string
		end     bool
		read    int
		drained bool
	}{
		{"all", "bytes", false, 10, tells},
		{"exactly all", "bytes", false, 5, false},
		{"a part", "bytes", false, 3, false},
		{"all but the end", "bytes", true, 10, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := conntest.Pair(t)
			raw, err := ours.SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			var s State
			if err := raw.Control(s.Prepare); err != nil {
				t.Fatal(err)
			}
			if _, err := theirs.Write([]byte(c.send)); err != nil {
				t.Fatal(err)
			}
			if c.end {
				_ = theirs.CloseWrite()
			}
			// On loopback, bytes and end have come when the calls return.
			b := make([]byte, c.read)
			n, drained := 0, false
			if rerr := raw.Read(func(fd uintptr) bool {
				n, drained, err = s.Read(fd, b)
				return n > 0
			}); rerr != nil || n != min(c.read, len(c.send)) || drained != c.drained {
				t.Errorf("read %d, drained %v, %v, %v", n, drained, err, rerr)
			}
			if c.end {
				if n, _, err := s.read(t, raw, b); n != 0 || err != nil {
					t.Errorf("at the end: %d, %v", n, err)
				}
			}
		})
	}
}

func (s *State) read(t *testing.T, raw interface{ Control(func(uintptr)) error }, b []byte) (n int, drained bool, err error) {
	t.Helper()
	if err := raw.Control(func(fd uintptr) { n, drained, err = s.Read(fd, b) }); err != nil {
		t.Fatal(err)
	}
	return n, drained, err
}
