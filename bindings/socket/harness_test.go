package socket_test

import (
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/host"
	rigs "github.com/luahost/luahost/internal/rig"
)

// patience is how long a test waits for what must come.
const patience = rigs.Patience

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// prelude stands on the first line of each script, so that line numbers stay. arrived waits until a
// socket has got so many bytes, and the service has them.
const prelude = `local skynet, socket, report = require "skynet", require "skynet.socket", require "report"; ` +
	`local function arrived(id, n) repeat skynet.sleep(1) local got for _, s in ipairs(socket.netstat()) do if s.id == id then got = s.read end end until got >= n skynet.sleep(0) end; `

type rig struct{ *rigs.Rig }

func newRig(t testing.TB, options ...host.Option) *rig {
	options = append(options, host.WithModule(skynet.Modules()...), host.WithModule(socket.Modules()...))
	return &rig{rigs.New(t, prelude, options...)}
}

// serve starts a script whose function client(id, address) gets the clients, and returns where it listens.
func (r *rig) serve(text string) string {
	r.T.Helper()
	r.Start(text + `
skynet.start(function()
	local id, host, port = socket.listen("127.0.0.1", 0)
	socket.start(id, client)
	report(port)
end)`)
	return "127.0.0.1:" + r.Next()
}

// pause lets bytes arrive, so that the next ones come apart.
func (r *rig) pause() { time.Sleep(5 * time.Millisecond) }

func (r *rig) dial(address string) *net.TCPConn {
	r.T.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// sendAndEnd is for goroutines: that all has arrived is tested at the other end.
func sendAndEnd(c *net.TCPConn, text string) {
	_, _ = io.WriteString(c, text)
	_ = c.CloseWrite()
}

func receive(t *testing.T, c net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	n, err := io.ReadFull(c, b)
	if string(b[:n]) != want {
		t.Fatalf("received %q (%v), want %q", b[:n], err, want)
	}
}

// receiveEnd requires that the peer has ended the connection.
func receiveEnd(t *testing.T, c net.Conn) {
	t.Helper()
	if b, err := io.ReadAll(c); err != nil || len(b) > 0 {
		t.Fatalf("received %d bytes and %v, want the end", len(b), err)
	}
}

// reset closes a connection so that the peer gets an error.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}
