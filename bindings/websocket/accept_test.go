package websocket_test

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
)

// accepting starts a script that accepts sockets by itself, as skynet's scripts do. It returns the address.
func (r *rig) accepting(text string) string {
	r.T.Helper()
	r.Start(`local handle, options, protocol = {}, nil, nil ` + text + `
skynet.start(function()
	local id, host, port = socket.listen("127.0.0.1", 0)
	socket.start(id, function(fd, addr)
		if prepare then prepare(fd) end
		report("accept", websocket.accept(fd, handle, protocol, addr, options))
	end)
	report(host .. ":" .. port)
end)`)
	address, err := strconv.Unquote(r.Next())
	if err != nil {
		r.T.Fatal(err)
	}
	return address
}

func TestAccept(t *testing.T) {
	r := newRig(t)
	address := r.accepting(`
function handle.connect(id) report "connect" end
function handle.handshake(id, header, url) report(header.upgrade, url, (websocket.addrinfo(id):match "^127")) end
function handle.message(id, message, op)
	if message == "fail" then error "oops" end
	if message == "close" then websocket.close(id, 4000, "enough") end
	websocket.write(id, message, op)
end
function handle.close(id, code, reason) report("close", code, reason) end
function handle.error(id) report "error" end`)
	for _, how := range []string{"peer", "script", "lost", "error"} {
		c := r.dial(address+"/u?v", nil)
		r.Expect(`"connect"`, `"websocket" "/u?v" "127"`)
		c.send("hello")
		c.expect("hello")
		switch how {
		case "peer":
			_ = c.Close(3000, "bye")
			r.Expect(`"close" 3000 "bye"`, `"accept" true`)
		case "script":
			c.send("close")
			c.expectClose(4000)
			r.Expect(`"close" 4000 "enough"`, `"accept" true`)
		case "lost":
			_ = c.CloseNow()
			r.Expect(`"error"`, `"accept" true`)
		case "error":
			c.send("fail")
			c.expectClose(1011)
			r.Expect(`"close" 1011 "internal error"`)
			if got := r.Next(); !strings.HasPrefix(got, `"accept" false`) || !strings.Contains(got, "oops") {
				t.Error(got)
			}
		}
	}
}

// TestAcceptStartedSocket fails when bytes that came before accept was called get lost.
func TestAcceptStartedSocket(t *testing.T) {
	r := newRig(t)
	address := r.accepting(`
function prepare(fd) socket.start(fd); skynet.sleep(5) end
function handle.message(id, message) websocket.write(id, message) end`)
	c := r.dial(address, nil)
	c.send("hello")
	c.expect("hello")
}

func TestAcceptBadRequest(t *testing.T) {
	r := newRig(t)
	address, hasty := r.accepting(""), r.accepting(`options = { handshake_timeout = 20 }`)
	for request, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n":                             "HTTP/1.1 426",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 1<<16): "HTTP/1.1 431",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n":       "HTTP/1.1 405",
		"nonsense\r\n\r\n": "",
		"GET / HT":         "", // and then silence
	} {
		c := raw(t, address)
		if request == "GET / HT" {
			c = raw(t, hasty)
		}
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(c)
		if !strings.HasPrefix(string(answer), want) || want == "" && len(answer) > 0 {
			t.Errorf("%.30q: answered %.60q, want %q", request, answer, want)
		}
		if got := r.Next(); !strings.HasPrefix(got, `"accept" false`) {
			t.Errorf("%.30q: %s", request, got)
		}
	}
}

// TestAcceptReadRequest hands over a request that the script has read itself.
func TestAcceptReadRequest(t *testing.T) {
	r := newRig(t)
	address := r.accepting(`
function prepare(fd)
	socket.start(fd)
	local first = socket.readline(fd, "\r\n")
	local header = {}
	while true do
		local line = socket.readline(fd, "\r\n")
		if line == "" then break end
		local name, value = line:match "^(.-):%s*(.*)$"
		header[name:lower()] = value
	end
	options = { upgrade = { method = first:match "^(%S+)", url = first:match "^%S+ (%S+)", header = header } }
end
function handle.message(id, message) websocket.write(id, message .. websocket.url(id)) end`)
	c := r.dial(address+"/read", nil)
	c.send("hello")
	c.expect("hello/read")
}

func TestAcceptUnknownSocket(t *testing.T) {
	r := newRig(t)
	r.Start(`skynet.start(function()
	report(websocket.accept(4711, {}))
	report(pcall(websocket.accept, 1, {}, "wsx"))
	report(pcall(websocket.accept, 1, {}, "ws", "", { bad = 1 }))
end)`)
	r.Expect(`false "invalid socket"`)
	for _, want := range []string{"'ws' or 'wss' expected", "unknown option 'bad'"} {
		if got := r.Next(); !strings.Contains(got, want) {
			t.Error(got)
		}
	}
}

func TestConnect(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
options.subprotocols = { "chat" }
function handle.handshake(id, header) websocket.write(id, header["x-thing"] .. tostring(header.origin)) end
function handle.message(id, message, op)
	if message == "close" then return websocket.close(id, 4001, "as you wish") end
	if message == "flood" then for i = 1, 3000 do websocket.write(id, ("%d"):format(i)) end return end
	websocket.write(id, message, op)
end`)
	r.Start(fmt.Sprintf(`
local address = %q
skynet.start(function()
	local id = websocket.connect("ws://" .. address .. "/x", { ["X-Thing"] = "thing", ["Sec-WebSocket-Protocol"] = "chat" }, 6000)
	report(websocket.read(id))
	report(websocket.addrinfo(id) == address, websocket.subprotocol(id), websocket.is_close(id))
	websocket.write(id, "text"); report(websocket.read(id))
	websocket.write(id, "\255", "binary", 0x1234); report(websocket.read(id))
	websocket.write(id, "flood")
	skynet.sleep(20)
	for i = 1, 3000 do assert(websocket.read(id) == tostring(i)) end
	websocket.write(id, "close")
	report(websocket.read(id))
	report(pcall(websocket.read, id))

	local id = websocket.connect("ws://" .. address .. "/x", { ["X-Thing"] = "again" })
	report(websocket.read(id))
	skynet.fork(function() skynet.sleep(5) websocket.close(id) end)
	report(pcall(websocket.read, id))
	for _, url in ipairs { "ws://127.0.0.1:1", "http://x", "nothing", "wss://" .. address } do
		report(pcall(websocket.connect, url, nil, 200))
	end
end)`, address))
	r.Expect(`"thingnil" "text"`, `true "chat" false`, `"text" "text"`, `"\xff" "binary"`,
		`false "\x0f\xa1as you wish" 4001 "as you wish"`)
	if got := r.Next(); !strings.HasPrefix(got, "false") {
		t.Error(got)
	}
	r.Expect(`"againnil" "text"`, `true false ""`)
	for range 4 {
		if got := r.Next(); !strings.HasPrefix(got, "false") {
			t.Error(got)
		}
	}
}

func TestTwoReaders(t *testing.T) {
	r := newRig(t)
	address := r.listen(echo)
	r.Start(fmt.Sprintf(`
skynet.start(function()
	local id = websocket.connect("ws://%s")
	skynet.fork(function() report(websocket.read(id)) end)
	skynet.fork(function() report(pcall(websocket.read, id)) websocket.write(id, "done") end)
end)`, address))
	if got := r.Next(); !strings.Contains(got, "another coroutine reads") {
		t.Error(got)
	}
	r.Expect(`"done" "text"`)
}

func TestSlowConsumerOfAScript(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
local ids = {}
function handle.handshake(id) ids[#ids + 1] = id; report(#ids) end
function handle.message(id)
	websocket.broadcast(ids, ("x"):rep(65536), "binary")
	websocket.write(id, "ready")
end
function handle.warning(ws, size) if not warned then warned = true report("warning", type(ws.socket_id), size >= 512) end end
function handle.close(id, code, reason) report("close", code, reason) end`)
	slow, fast := r.dial(address, nil), r.dial(address, nil)
	r.Expect("1", "2")
	for range 256 {
		fast.send("more")
		if got := fast.receive(); len(got) != 65536 {
			t.Fatalf("lost something: %.20q", got)
		}
		fast.expect("ready")
	}
	r.Expect(`"warning" "number" true`, `"close" 1013 "too slow"`)
	slow.expectEnd()
}
