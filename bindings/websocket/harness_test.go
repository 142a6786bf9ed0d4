package websocket_test

import (
	"context"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/socket"
	binding "github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host"
	rigs "github.com/luahost/luahost/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = rigs.Patience

// prelude stands on the first line of each script, so that line numbers stay.
const prelude = `local skynet, socket, websocket, report = require "skynet", require "skynet.socket", require "http.websocket", require "report"; `

type rig struct{ *rigs.Rig }

func newRig(t testing.TB, options ...host.Option) *rig {
	options = append(options,
		host.WithModule(skynetModule()),
		host.WithModule(socket.Modules()...),
		host.WithModule(binding.Modules()...),
	)
	return &rig{rigs.New(t, prelude, options...)}
}

// listen starts a script that fills in handle and options, and listens. It returns the address.
func (r *rig) listen(text string) string {
	r.T.Helper()
	r.Start(`local handle, options = {}, {} ` + text + `
skynet.start(function()
	local id, host, port = websocket.listen("127.0.0.1:0", handle, options)
	listener = id
	report(host .. ":" .. port)
end)`)
	address, err := strconv.Unquote(r.Next())
	if err != nil {
		r.T.Fatal(err)
	}
	return address
}

func timeout(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

// client is github.com/coder/websocket, which has nothing in common with gws.
type client struct {
	*websocket.Conn
	t   testing.TB
	ctx context.Context
}

func (r *rig) dial(address string, options *websocket.DialOptions) *client {
	r.T.Helper()
	ctx := timeout(r.T)
	c, _, err := websocket.Dial(ctx, "ws://"+address, options)
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(64 << 20)
	return &client{c, r.T, ctx}
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.Write(c.ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() string {
	c.t.Helper()
	_, data, err := c.Read(c.ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.receive(); got != w {
			c.t.Fatalf("received %.60q, want %.60q", got, w)
		}
	}
}

// expectClose reads up to the close frame.
func (c *client) expectClose(code websocket.StatusCode) {
	c.t.Helper()
	for {
		_, _, err := c.Read(c.ctx)
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != code {
			c.t.Fatalf("closed with %d (%v), want %d", got, err, code)
		}
		return
	}
}

// expectEnd reads up to the end of the connection, in whatever way that comes.
func (c *client) expectEnd() {
	c.t.Helper()
	for {
		if _, _, err := c.Read(c.ctx); err != nil {
			if c.ctx.Err() != nil {
				c.t.Fatal(err)
			}
			return
		}
	}
}

// raw connects without a handshake.
func raw(t testing.TB, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(2 * patience))
	return c
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
