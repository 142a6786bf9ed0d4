package host_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/host"
)

// TestOrphans has 10,000 clients vanish under agents whose handlers raise an error then, and never clean up.
func TestOrphans(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 connections")
	}
	port := make(chan int, 1)
	h := startHost(t, map[string]string{
		"server": `
			local skynet = require "skynet"
			local socket = require "skynet.socket"
			skynet.start(function()
				local id, _, port = socket.listen("127.0.0.1", 0)
				socket.start(id, function(fd)
					skynet.send(skynet.newservice "agent", "lua", fd)
				end)
				skynet.error("port " .. port)
			end)`,
		"agent": `
			local skynet = require "skynet"
			local socket = require "skynet.socket"
			skynet.start(function()
				skynet.dispatch("lua", function(_, _, fd)
					socket.start(fd)
					while true do
						local text = socket.read(fd)
						if not text then
							error "[Socket Error]"
						end
						socket.write(fd, text)
					end
				end)
			end)`,
	}, func(line string) {
		if text, ok := strings.CutPrefix(line, "port "); ok {
			n, _ := strconv.Atoi(text)
			port <- n
		}
	})
	if _, err := h.Start(context.Background(), "server"); err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(<-port))
	vanish := func(n int) {
		for range n {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		waitFor(t, func() bool { return len(h.Services()) == 1 })
	}
	const clients, before = 10000, 1000
	vanish(before)
	first := liveHeap()
	vanish(clients - before)
	if grown := liveHeap() - first; grown > 4<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
	if n := h.Reaped(); n != clients {
		t.Errorf("%d orphans were reaped, want %d", n, clients)
	}
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to that")
		}
	}
}

// startHost makes a host with services of the given names and scripts, that reaps orphans. line gets what they log.
func startHost(t *testing.T, scripts map[string]string, line func(string)) *host.Host {
	t.Helper()
	dir := writeFiles(t, scripts)
	h, err := host.New(
		host.WithModule(skynet.Modules()...), host.WithModule(socket.Modules()...),
		host.WithServicePath(dir+"/?.lua"), host.WithReapOrphans(20*time.Millisecond),
		host.WithOutput(lineWriter(line)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}

// TestNoOrphans has services that look like orphans and are none.
func TestNoOrphans(t *testing.T) {
	h := startHost(t, map[string]string{
		"idle": `
			local skynet = require "skynet"
			skynet.start(function() skynet.dispatch("lua", function() error "as asked" end) end)`,
		"named": `
			local skynet = require "skynet"
			require "skynet.manager"
			local socket = require "skynet.socket"
			skynet.start(function()
				skynet.register ".named"
				skynet.fork(function()
					local id = socket.listen("127.0.0.1", 0)
					socket.close(id)
					error "as asked"
				end)
			end)`,
		"timer": `
			local skynet = require "skynet"
			local socket = require "skynet.socket"
			skynet.start(function()
				skynet.timeout(1000, function() end)
				skynet.fork(function()
					socket.close((socket.listen("127.0.0.1", 0)))
					error "as asked"
				end)
			end)`,
		"listening": `
			local skynet = require "skynet"
			local socket = require "skynet.socket"
			skynet.start(function()
				socket.start(socket.listen("127.0.0.1", 0), function() end)
				skynet.fork(error, "as asked")
			end)`,
	}, func(string) {})
	for _, name := range []string{"idle", "named", "timer", "listening"} {
		a, err := h.Start(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = h.Call(context.Background(), a, "x")
	}
	time.Sleep(100 * time.Millisecond)
	if n := len(h.Services()); n != 4 || h.Reaped() != 0 {
		t.Errorf("%d services are left, %d were reaped", n, h.Reaped())
	}
}
