package websocket_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/socket"
	binding "github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute

// rig is a host whose scripts report to the test.
type rig struct {
	t       *testing.T
	host    *host.Host
	log     testlog.Log
	reports chan string
	scripts int
	closed  bool
}

// prelude stands on the first line of each script, so that line numbers stay.
const prelude = `local skynet, socket, websocket, report = require "skynet", require "skynet.socket", require "http.websocket", require "report"; `

func newRig(t testing.TB, options ...host.Option) *rig {
	r := &rig{reports: make(chan string, 10000)}
	r.t, _ = t.(*testing.T)
	options = append(options,
		host.WithOutput(&r.log),
		host.WithModule(skynetModule(), r.module()),
		host.WithModule(socket.Modules()...),
		host.WithModule(binding.Modules()...),
	)
	h, err := host.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	r.host = h
	t.Cleanup(func() {
		r.close(t)
		if t.Failed() {
			t.Logf("log:\n%s", r.log.String())
		}
	})
	return r
}

func (r *rig) close(t testing.TB) {
	if r.closed {
		return
	}
	r.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.host.Close(ctx); err != nil {
		t.Errorf("closing the host: %v", err)
	}
}

// module is "report", a function that tells its arguments to the test.
func (r *rig) module() host.Module {
	f := vm.Function("report", func(c *vm.Call) error {
		parts := make([]string, c.NArgs())
		for i, v := range c.Args() {
			parts[i] = vm.Text(v)
			if s, ok := v.AsString(); ok {
				parts[i] = strconv.Quote(s)
			}
		}
		r.reports <- strings.Join(parts, " ")
		return nil
	})
	return host.Module{Name: "report", Open: func(*host.Service) (vm.Value, error) { return f, nil }}
}

func (r *rig) start(text string, args ...string) host.Handle {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r.scripts++
	file := filepath.Join(r.t.TempDir(), fmt.Sprintf("script%d.lua", r.scripts))
	if err := os.WriteFile(file, []byte(prelude+text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	a, err := r.host.Start(ctx, file, args...)
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.log.String())
	}
	return a
}

// listen starts a script that fills in handle and options, and listens. It returns the address.
func (r *rig) listen(text string) string {
	r.t.Helper()
	r.start(`local handle, options = {}, {} ` + text + `
skynet.start(function()
	local id, host, port = websocket.listen("127.0.0.1:0", handle, options)
	listener = id
	report(host .. ":" .. port)
end)`)
	address, err := strconv.Unquote(r.next())
	if err != nil {
		r.t.Fatal(err)
	}
	return address
}

// next waits for a report.
func (r *rig) next() string {
	r.t.Helper()
	select {
	case s := <-r.reports:
		return s
	case <-time.After(patience):
		r.t.Fatalf("no report\n%s", r.log.String())
		return ""
	}
}

// expect waits for reports.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	for _, w := range want {
		if got := r.next(); got != w {
			r.t.Fatalf("reported %s, want %s", got, w)
		}
	}
}

func (r *rig) logged(text string) {
	r.t.Helper()
	r.log.Wait(r.t, regexp.QuoteMeta(text))
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
	r.t.Helper()
	ctx := timeout(r.t)
	c, _, err := websocket.Dial(ctx, "ws://"+address, options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(64 << 20)
	return &client{c, r.t, ctx}
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
