package websocket_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	peer "github.com/coder/websocket"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host/hosttest"
)

// A Go program serves pages of its own, and hands WebSockets to a service.
func TestHandler(t *testing.T) {
	h := hosttest.New(t, all.Options()...)
	mux := http.NewServeMux()
	mux.HandleFunc("/own", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("mine")) })
	mux.Handle("/echo", websocket.Handler(h.Host, "echo"))
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	if got := status(t, server.URL+"/echo"); got != http.StatusServiceUnavailable {
		t.Errorf("without a service: %d", got)
	}
	script := `
		local skynet = require "skynet"
		local websocket = require "http.websocket"
		skynet.start(function()
			websocket.attach("echo", {
				message = function(id, message, op) websocket.write(id, message .. " " .. websocket.url(id), op) end,
			}, {subprotocols = {"echo.v1"}})
		end)`
	a := h.StartScript(script)
	if got := status(t, server.URL+"/own"); got != http.StatusOK {
		t.Errorf("own page: %d", got)
	}
	if got := status(t, server.URL+"/echo"); got != http.StatusUpgradeRequired {
		t.Errorf("a plain request: %d", got)
	}
	address := "ws" + strings.TrimPrefix(server.URL, "http") + "/echo"
	c, _, err := peer.Dial(ctx, address, &peer.DialOptions{Subprotocols: []string{"echo.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if err := c.Write(ctx, peer.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, data, err := c.Read(ctx); err != nil || string(data) != "hello /echo" || c.Subprotocol() != "echo.v1" {
		t.Errorf("got %q, %v, %q", data, err, c.Subprotocol())
	}
	if _, _, err := peer.Dial(ctx, address, &peer.DialOptions{HTTPHeader: http.Header{"Origin": {"http://evil.example"}}}); err == nil {
		t.Error("a page of another host could connect")
	}

	// A name belongs to one service, until it ends.
	h.ExpectError(`require "http.websocket".attach("echo", {})`, "another service is attached to 'echo'")
	h.Service(a).Kill()
	if _, _, err := c.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the service has ended: %v", err)
	}
	for deadline := time.Now().Add(patience); status(t, server.URL+"/echo") != http.StatusServiceUnavailable; {
		if time.Now().After(deadline) {
			t.Fatal("still attached")
		}
	}
	h.Eval(`require "http.websocket".attach("echo", {})`)
}

func status(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode
}
