package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const echo = `
function handle.message(id, message, op) websocket.write(id, message, op) end
`

func TestEcho(t *testing.T) {
	r := newRig(t)
	c := r.dial(r.listen(echo+`options.max_message = 2^24`), nil)
	for _, size := range []int{0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20} {
		text := strings.Repeat("*", size)
		c.send(text)
		c.expect(text)
	}
	if err := c.Write(c.ctx, websocket.MessageBinary, []byte{0xff, 0}); err != nil {
		t.Fatal(err)
	}
	kind, data, err := c.Read(c.ctx)
	if err != nil || kind != websocket.MessageBinary || string(data) != "\xff\x00" {
		t.Fatalf("got %v %q %v", kind, data, err)
	}
}

func TestEvents(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
for _, name in ipairs {"connect", "handshake", "message", "ping", "pong", "close", "error"} do
	handle[name] = function(id, a, b)
		if name == "handshake" then
			a = a.host ~= nil and a["x-thing"]
		end
		report(name, type(id), a, b, websocket.is_close(id))
		if name == "message" then
			websocket.ping(id, "p")
			websocket.write(id, websocket.header(id)["x-list"][2] .. websocket.url(id) .. tostring(websocket.real_ip(id)))
		end
	end
end`)
	pong := make(chan struct{})
	c := r.dial(address+"/path?q=1", &websocket.DialOptions{
		HTTPHeader:     http.Header{"X-Thing": {"value"}, "X-List": {"a", "b"}, "X-Real-Ip": {"10.1.2.3"}},
		OnPingReceived: func(context.Context, []byte) bool { close(pong); return true },
	})
	r.Expect(`"connect" "number" nil nil true`, `"handshake" "number" "value" "/path?q=1" false`)
	c.send("hello")
	r.Expect(`"message" "number" "hello" "text" false`)
	c.expect("b/path?q=110.1.2.3")
	go func() { _ = c.Ping(c.ctx) }()
	go func() { _, _, _ = c.Read(c.ctx) }()
	<-pong
	seen := map[string]bool{r.Next(): true, r.Next(): true}
	if !seen[`"pong" "number" nil nil false`] || !seen[`"ping" "number" nil nil false`] {
		t.Fatal(seen)
	}
	_ = c.Close(3001, "reason")
	r.Expect(`"close" "number" 3001 "reason" true`)
	c = r.dial(address, nil)
	r.Next()
	r.Next()
	_ = c.CloseNow()
	r.Expect(`"error" "number" "connection lost" nil true`)
}

// TestHandlerSuspends fails when messages of a connection overtake each other, or a handler that waits keeps others
// from being served.
func TestHandlerSuspends(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message, op)
	if message:find "^slow" then
		websocket.write(id, "begun " .. message)
		skynet.sleep(20)
	end
	websocket.write(id, message, op)
end`)
	slow, fast := r.dial(address, nil), r.dial(address, nil)
	slow.send("slow1")
	slow.send("next")
	slow.send("slow2")
	slow.expect("begun slow1") // at once, not with the rest
	for i := range 10 {
		fast.send(fmt.Sprint(i))
		fast.expect(fmt.Sprint(i))
	}
	slow.expect("slow1", "next", "begun slow2", "slow2")
}

func TestManyClients(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message, op)
	if #message % 7 == 0 then skynet.sleep(0) end
	websocket.write(id, message, op)
end`)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			c := r.dial(address, nil)
			for j := range 200 {
				c.send(strings.Repeat("x", i+j))
			}
			for j := range 200 {
				c.expect(strings.Repeat("x", i+j))
			}
		})
	}
	all.Wait()
}

func TestHandlerError(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message)
	if message == "later" then skynet.sleep(1) end
	if message == "object" then error({}) end
	local x = nil + 1
end
function handle.close(id, code, reason) report(code, reason) end`)
	for _, message := range []string{"now", "later", "object"} {
		c := r.dial(address, nil)
		c.send(message)
		c.expectClose(1011)
		r.Expect(`1011 "internal error"`)
	}
	r.Logged("error in the message handler")
	r.Logged("attempt to perform arithmetic on a nil value")
	r.Logged("stack traceback:")
}

func TestScriptCloses(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message)
	websocket.write(id, "last")
	websocket.close(id, tonumber(message), "why")
	report(websocket.write(id, "too late"), websocket.is_close(id))
end
function handle.close(id, code, reason) report("close", code, reason) end`)
	c := r.dial(address, nil)
	c.send("4000")
	c.expect("last")
	c.expectClose(4000)
	r.Expect("false true", `"close" 4000 "why"`)
	c = r.dial(address, nil)
	c.send("none")
	c.expect("last")
	c.expectClose(1005)
	r.Expect("false true", `"close" nil ""`)
}

func TestBadArguments(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message)
	for _, f in ipairs {
		function() websocket.write(id, "\255") end,
		function() websocket.write(id, "x", "hex") end,
		function() websocket.write(id, nil) end,
		function() websocket.write(0, "x") end,
		function() websocket.close(id, 1005) end,
		function() websocket.ping(id, ("x"):rep(126)) end,
		function() websocket.listen("127.0.0.1:0", {}, { ping = 100, pong = 100 }) end,
		function() websocket.listen("127.0.0.1:0", {}, { pings = 100 }) end,
		function() websocket.listen("127.0.0.1:0", {}, { max_message = "x" }) end,
		function() websocket.listen("127.0.0.1:0", {}, { certfile = "missing", keyfile = "missing" }) end,
		function() websocket.listen("127.0.0.1:99999", {}) end,
		function() websocket.read(id) end,
	} do
		local ok, err = pcall(f)
		report(ok, err)
	end
end`)
	r.dial(address, nil).send("go")
	for _, want := range []string{
		"text is not UTF-8", "'text' or 'binary' expected", "string expected", "no websocket 0", "a close code is", "125 bytes",
		"want a shorter one", "unknown option 'pings'", "number expected", "missing", "invalid port", "was not opened by connect",
	} {
		if got := r.Next(); !strings.HasPrefix(got, "false") || !strings.Contains(got, want) {
			t.Errorf("got %s, want %q", got, want)
		}
	}
}

func TestBroadcast(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
local ids = {}
function handle.handshake(id) ids[#ids + 1] = id; report(#ids) end
function handle.message(id, message)
	websocket.write(id, "before")
	report(websocket.broadcast(ids, message))
	websocket.write(id, "after")
end`)
	var all []*client
	for i := range 20 {
		all = append(all, r.dial(address, &websocket.DialOptions{}))
		r.Expect(fmt.Sprint(i + 1))
	}
	for i := range 50 {
		all[0].send(fmt.Sprint("news ", i))
		r.Expect("20")
	}
	for i := range 50 {
		all[0].expect("before", fmt.Sprint("news ", i), "after") // in the order of the calls
		for _, c := range all[1:] {
			c.expect(fmt.Sprint("news ", i))
		}
	}
}

func TestPages(t *testing.T) {
	r := newRig(t)
	dir := t.TempDir()
	write(t, dir+"/style.css", "body {}")
	address := r.listen(echo + fmt.Sprintf(`
options.path = "/ws"
options.serve = {
	["/"] = "<h1>hello</h1>",
	["/health"] = "ok",
	["/typed"] = { body = "{}", type = "application/json" },
	["/file"] = { file = %q },
	["/static/"] = { files = %q },
	["/lua/"] = function(request)
		skynet.sleep(1)
		return 201, request.method .. request.url .. request.body .. request.header.host:sub(1, 3), { ["X-Made-By"] = "lua" }
	end,
	["/broken"] = function() error "oops" end,
}`, dir+"/style.css", dir))
	for _, c := range []struct {
		method, path, body string
		status             int
		want, kind         string
	}{
		{"GET", "/", "", 200, "<h1>hello</h1>", "text/html; charset=utf-8"},
		{"GET", "/health", "", 200, "ok", "text/plain; charset=utf-8"},
		{"GET", "/typed", "", 200, "{}", "application/json"},
		{"GET", "/file", "", 200, "body {}", "text/css; charset=utf-8"},
		{"GET", "/static/style.css", "", 200, "body {}", "text/css; charset=utf-8"},
		{"GET", "/static/../../etc/passwd", "", 404, "", ""},
		{"GET", "/static/missing", "", 404, "", ""},
		{"GET", "/missing", "", 404, "", ""},
		{"POST", "/health", "x", 405, "", ""},
		{"POST", "/lua/sub?a=b", "body", 201, "POST/lua/sub?a=bbody127", "text/plain; charset=utf-8"},
		{"GET", "/broken", "", 500, "internal error\n", ""},
		{"GET", "/ws", "", 404, "", ""},
	} {
		request, _ := http.NewRequestWithContext(timeout(t), c.method, "http://"+address+c.path, strings.NewReader(c.body))
		request.Close = true
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != c.status || c.want != "" && string(body) != c.want || c.kind != "" && response.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %s %q %q", c.method, c.path, response.Status, body, response.Header.Get("Content-Type"))
		}
	}
	r.Logged("oops")
	c := r.dial(address+"/ws", nil)
	c.send("echo")
	c.expect("echo")
	if _, _, err := websocket.Dial(timeout(t), "ws://"+address+"/", nil); err == nil {
		t.Error("a websocket on another path")
	}
}

// TestListenLimitsRequests fails when a request's header may be longer, or take longer, than the options say.
func TestListenLimitsRequests(t *testing.T) {
	r := newRig(t)
	address, hasty := r.listen(`options.max_header = 1000`), r.listen(`options.handshake_timeout = 20`)
	for request, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 8000) + "\r\n\r\n": "HTTP/1.1 431 ",
		"GET / HTTP/1.1\r\nHost: x\r\n":                                             "",
		"":                                                                          "",
	} {
		to := address
		if want == "" {
			to = hasty
		}
		c, err := net.Dial("tcp", to)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(c, request)
		got, err := io.ReadAll(c)
		if !strings.HasPrefix(string(got), want) || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%.40q: got %.40q, %v, want %q and the end", request, got, err, want)
		}
	}
}

func TestListenerCloses(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
function handle.message(id, message)
	websocket.close(listener)
	websocket.write(id, "closed")
end`)
	c := r.dial(address, nil)
	c.send("x")
	c.expect("closed")
	if _, _, err := websocket.Dial(timeout(t), "ws://"+address, nil); err == nil {
		t.Error("still listening")
	}
	c.send("y")
	c.expect("closed") // the connection goes on
}

func TestServiceExits(t *testing.T) {
	r := newRig(t)
	address := r.listen(`function handle.message(id, message) skynet.exit() end`)
	c, other := r.dial(address, nil), r.dial(address, nil)
	c.send("x")
	c.expectClose(1001)
	other.expectClose(1001)
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if _, _, err := websocket.Dial(timeout(t), "ws://"+address, nil); err != nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("still listening")
		}
	}
}
