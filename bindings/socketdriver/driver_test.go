package socketdriver_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socketdriver"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/lualib"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newHost(t *testing.T) *hosttest.Host {
	return hosttest.New(t, host.WithModule(socketdriver.Modules()...), host.WithModule(skynet.Modules()...), host.WithLibrary(lualib.FS))
}

// TestBuffer calls the functions as skynet's own socket library does.
func TestBuffer(t *testing.T) {
	h := newHost(t)
	h.Eval(`driver = require "skynet.socketdriver"
		pool = {}
		function push(buffer, text) return driver.push(buffer, pool, driver.str2p(text)) end
		b = driver.buffer()`)
	h.Expect(`return push(b, "hello "), push(b, "world\r\n"), push(b, "")`, 6, 13, 13)
	h.Expect(`return driver.pop(b, pool, 20)`, nil, 13)
	h.Expect(`return driver.pop(b, pool, 0)`, nil, 13)
	h.Expect(`return driver.pop(b, pool, -1)`, nil, 13)
	h.Expect(`return driver.pop(b, pool, 6)`, "hello ", 7)
	h.Expect(`return driver.readline(b, nil, "\r\n")`, true)
	h.Expect(`return driver.readline(b, pool, "\r\n")`, "world")
	h.Expect(`return driver.readline(b, pool, "\r\n")`)
	h.Expect(`return driver.readall(b, pool)`, "")
	h.Expect(`push(b, "a\r") return driver.readline(b, pool, "\r\n")`)
	h.Expect(`push(b, "\n\r\nrest") return driver.readline(b, pool, "\r\n"), driver.readline(b, pool, "\r\n"), driver.readall(b, pool)`, "a", "", "rest")
	h.Expect(`push(b, "x") driver.clear(b, pool) driver.clear(nil, pool) return driver.pop(b, pool, 1)`, nil, 0)
	h.Expect(`local p, n = driver.str2p "abc" return driver.push(b, pool, p, 2), driver.readall(b, pool)`, 2, "ab")
	h.Expect(`return driver.header "\1", driver.header "\1\2", driver.header "\1\2\3\4"`, 1, 0x102, 0x1020304)
	h.ExpectError(`driver.push(nil, pool, driver.str2p "x")`, "Need buffer object at param 1")
	h.ExpectError(`driver.push(b, pool, nil, 1)`, "Need message block at param 3")
	h.ExpectError(`driver.push(b, nil, driver.str2p "x")`, "bad argument #2 to 'push' (table expected, got nil)")
	h.ExpectError(`local p, n = driver.str2p "x" driver.push(b, pool, p, n) driver.push(b, pool, p, n)`, "Need message block at param 3")
	h.ExpectError(`driver.readline(b, pool)`, "bad argument #3 to 'readline' (string expected, got no value)")
	h.ExpectError(`driver.header "12345"`, "Invalid read 12345")
	if n := h.Eval(`return driver.buffer() == b`)[0]; n != false {
		t.Error("two buffers are one")
	}
}

// TestScriptReadsItself is a line server on the driver alone, and a client that is not ours.
func TestScriptReadsItself(t *testing.T) {
	h := newHost(t)
	h.StartScript(`local skynet = require "skynet"
local driver = require "skynet.socketdriver"
local pool, buffers = {}, {}
local on = {}
on[1] = function(id, size, data)
	driver.push(buffers[id], pool, data, size)
	for line in function() return driver.readline(buffers[id], pool, "\n") end do
		driver.send(id, line:upper() .. "\n")
		if line == "bye" then driver.close(id) end
	end
end
on[2] = function(id, port, address) if not buffers[id] and port > 0 then print("port " .. port) end end
on[3] = function(id) driver.clear(buffers[id], pool) buffers[id] = nil print("closed") end
on[4] = function(_, new) buffers[new] = driver.buffer() driver.start(new) end
skynet.register_protocol {
	name = "socket", id = skynet.PTYPE_SOCKET, unpack = driver.unpack,
	dispatch = function(_, _, kind, ...) local f = on[kind] if f then f(...) end end,
}
skynet.start(function() driver.start((driver.listen("127.0.0.1", 0))) end)`)
	var port string
	for deadline := time.Now().Add(time.Minute); port == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, after, ok := strings.Cut(h.Output(), "port "); ok {
			port, _, _ = strings.Cut(after, "\n")
		}
	}
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, "one\ntwo\nthr"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "ee\nbye\n"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || string(got) != "ONE\nTWO\nTHREE\nBYE\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
