package reloadtest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/freeport"
)

// A script listens at load time and is reloaded twenty times: one listener, whose connections live. Another port opens
// the new listener and closes the old one; a port that is taken rejects the reload. A dry run does none of that.
func TestListenAtLoad(t *testing.T) {
	ports := freeport.Of(t, 2)
	first, second := ports[0], ports[1]
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	third := taken.Addr().(*net.TCPAddr).Port
	source := `local skynet = require "skynet" local socket = require "skynet.socket"
local n = 0
local function serve(fd) socket.start(fd) while true do local line = socket.readline(fd) if not line then return end n = n + 1 socket.write(fd, line .. " v%d " .. n .. "\n") end end
local id = socket.listen("127.0.0.1", %d)
socket.start(id, function(fd) skynet.fork(serve, fd) end)
skynet.start(function() end)`
	l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(source, 0, first)})
	l.start("main.lua")
	dial := func(port int) (net.Conn, *bufio.Reader) {
		t.Helper()
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(patience))
		return c, bufio.NewReader(c)
	}
	ask := func(c net.Conn, r *bufio.Reader, want string) {
		t.Helper()
		fmt.Fprintln(c, "x")
		if line, err := r.ReadString('\n'); line != want+"\n" {
			t.Fatalf("heard %q, %v, want %q\n%s", line, err, want, l.out)
		}
	}
	old, heard := dial(first)
	ask(old, heard, "x v0 1")
	for i := 1; i <= 20; i++ {
		l.write("main.lua", fmt.Sprintf(source, i, first))
		l.ok()
	}
	fresh, freshHeard := dial(first)
	ask(fresh, freshHeard, "x v20 2")
	ask(old, heard, "x v0 3") // its loop's own code is the old one: the frame is listed
	if frames := l.h.ReloadStatus(t.Context()).Services[0].Frames; len(frames) == 0 {
		t.Error("no old frame is listed")
	}

	l.write("main.lua", fmt.Sprintf(source, 30, third))
	l.rejected("Address already in use")
	ask(dialed(dial(first)))
	l.write("main.lua", fmt.Sprintf(source, 40, second))
	if r := l.reload(host.ReloadOptions{DryRun: true}); r.Result != host.ReloadOK {
		t.Fatalf("%s", r.Text(false))
	}
	if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", second)); err == nil {
		c.Close()
		t.Error("a dry run left the new port open")
	}
	l.ok()
	c, r := dial(second)
	ask(c, r, "x v40 5")
	ask(old, heard, "x v0 6")
	if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", first)); err == nil {
		c.Close()
		t.Error("the old port is still open")
	}
	if strings.Contains(l.out.String(), "error :") {
		t.Errorf("%s", l.out)
	}
}

func dialed(c net.Conn, r *bufio.Reader) (net.Conn, *bufio.Reader, string) { return c, r, "x v20 4" }
