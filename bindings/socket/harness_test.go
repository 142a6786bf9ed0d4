package socket_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = time.Minute

// rig is a host whose scripts report to the test.
type rig struct {
	t       *testing.T
	host    *host.Host
	log     testlog.Log
	reports chan string
	dir     string // of the scripts
	scripts int
}

// prelude stands on the first line of each script, so that line numbers stay. arrived waits until a
// socket has got so many bytes, and the service has them.
const prelude = `local skynet, socket, report = require "skynet", require "skynet.socket", require "report"; ` +
	`local function arrived(id, n) repeat skynet.sleep(1) local got for _, s in ipairs(socket.netstat()) do if s.id == id then got = s.read end end until got >= n skynet.sleep(0) end; `

func newRig(t *testing.T, options ...host.Option) *rig {
	r := &rig{t: t, dir: t.TempDir(), reports: make(chan string, 10000)}
	options = append(options,
		host.WithOutput(&r.log),
		host.WithModule(r.module()),
		host.WithModule(skynet.Modules()...),
		host.WithModule(socket.Modules()...),
	)
	h, err := host.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	r.host = h
	t.Cleanup(r.close)
	return r
}

func (r *rig) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.host.Close(ctx); err != nil {
		r.t.Errorf("closing the host: %v", err)
	}
	if r.t.Failed() {
		r.t.Logf("log:\n%s", r.log.String())
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

// start starts a script that is a service, waits until it is ready, and returns its address.
func (r *rig) start(text string, args ...string) host.Handle {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := r.host.Start(ctx, r.script(text), args...)
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.log.String())
	}
	return a
}

// launch starts a script that is ready only when the test has done its part.
func (r *rig) launch(text string, args ...string) {
	r.t.Helper()
	if _, err := r.host.Launch(r.script(text), args, func(host.Handle, error) {}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) script(text string) string {
	r.t.Helper()
	r.scripts++
	file := filepath.Join(r.dir, fmt.Sprintf("script%d.lua", r.scripts))
	if err := os.WriteFile(file, []byte(prelude+text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// serve starts a script whose function client(id, address) gets the clients, and returns where it listens.
func (r *rig) serve(text string) string {
	r.t.Helper()
	r.start(text + `
skynet.start(function()
	local id, host, port = socket.listen("127.0.0.1", 0)
	socket.start(id, client)
	report(port)
end)`)
	return "127.0.0.1:" + r.next()
}

// next returns what is reported next.
func (r *rig) next() string {
	r.t.Helper()
	select {
	case s := <-r.reports:
		return s
	case <-time.After(patience):
		r.t.Fatalf("nothing reported; log:\n%s", r.log.String())
		return ""
	}
}

func (r *rig) expect(want ...string) {
	r.t.Helper()
	for _, w := range want {
		if got := r.next(); got != w {
			r.t.Fatalf("reported %s, want %s", got, w)
		}
	}
}

// pause lets bytes arrive, so that the next ones come apart.
func (r *rig) pause() { time.Sleep(5 * time.Millisecond) }

// quiet requires that nothing is reported for a moment.
func (r *rig) quiet() {
	r.t.Helper()
	select {
	case s := <-r.reports:
		r.t.Fatalf("reported %s, want nothing", s)
	case <-time.After(30 * time.Millisecond):
	}
}

// logged waits until the log has a line that contains text.
func (r *rig) logged(text string) {
	r.t.Helper()
	r.log.Wait(r.t, regexp.QuoteMeta(text))
}

func (r *rig) dial(address string) *net.TCPConn {
	r.t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
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
