//go:build unix

package ws

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/luahost/luahost/internal/conntest"
)

// quietly takes messages and does nothing.
type quietly struct{ messages int }

func (q *quietly) Message(*Conn, Opcode, []byte) (done bool) { q.messages++; return true }
func (*quietly) Wait(*Conn)                                  {}
func (*quietly) Ping(*Conn)                                  {}
func (*quietly) Pong(*Conn)                                  {}
func (*quietly) Full(*Conn, int)                             {}

// TestTurn fails when a connection keeps a buffer for what isn't worth it while it waits, when bytes get lost on their way to
// gws, or when what was read isn't counted: the peer would be dropped as silent.
func TestTurn(t *testing.T) {
	for _, c := range []struct {
		announced int // bytes of a message of which one has come; -1: nothing has
		kept      bool
		over      bool // the rest is for gws
	}{
		{-1, false, false},
		{1000, false, true},
		{30000, false, true},
		{60000, true, false},
		{100000, false, true},
	} {
		t.Run(fmt.Sprint(c.announced), func(t *testing.T) {
			ours, theirs := conntest.Pair(t)
			u, err := NewUpgrader(Options{Limits: Limits{Ping: -1}})
			if err != nil {
				t.Fatal(err)
			}
			r, _ := http.NewRequest("GET", "http://example.com/", nil)
			for k, v := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"} {
				r.Header.Set(k, v)
			}
			q := &quietly{}
			conn, err := u.UpgradeConn(ours, bufio.NewReader(ours), r, q)
			if err != nil {
				t.Fatal(err)
			}
			d := &conn.transport.direct
			turn := func() (over bool) {
				t.Helper()
				if err := d.conn.Control(func(fd uintptr) { over = conn.turn(fd) }); err != nil {
					t.Fatal(err)
				}
				return over
			}
			if over := turn(); over || d.input.buffer != nil || !conn.transport.waiting.Load() {
				t.Fatal("nothing has come")
			}
			sent := []byte("\x82\x81\x00\x00\x00\x00x")
			var begun []byte
			if c.announced >= 0 {
				begun = append(frameOf(c.announced), 'y')
			}
			if _, err := theirs.Write(append(sent, begun...)); err != nil {
				t.Fatal(err)
			}
			// On loopback, all has come when that returns.
			over := turn()
			if kept := d.input.buffer != nil && !over; over != c.over || kept != c.kept || conn.transport.waiting.Load() == over {
				t.Errorf("over: %v, with a buffer: %v", over, kept)
			}
			if rest := d.input.release(); !bytes.Equal(rest, begun) {
				t.Errorf("%q is left, want %q", rest, begun)
			}
			if q.messages != 1 || conn.transport.reads.Load() == 0 {
				t.Errorf("%d messages, %d reads", q.messages, conn.transport.reads.Load())
			}
		})
	}
}

// frameOf returns the header of a masked binary frame.
func frameOf(n int) []byte {
	var head [10]byte
	b := bytes.Clone(frameHeader(&head, Binary, n))
	b[1] |= 0x80
	return append(b, 0, 0, 0, 0)
}
