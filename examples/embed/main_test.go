package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t)
	defer http.DefaultClient.CloseIdleConnections()
	limit, cancelLimit := context.WithTimeout(context.Background(), time.Minute)
	defer cancelLimit()
	source, err := os.ReadFile("scripts/room.lua")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "room.lua")
	write(t, script, string(source))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(limit)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l, script) }()

	base := "http://" + l.Addr().String()
	if page := get(t, base+"/"); !strings.Contains(page, "<title>Room</title>") {
		t.Errorf("the page is %q", page)
	}
	ann, bob := dial(t, limit, base), dial(t, limit, base)
	expect(t, limit, ann, "welcome")
	expect(t, limit, bob, "welcome")
	if err := ann.Write(limit, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	expect(t, limit, ann, "client 1: hello", "client 2: hello")
	expect(t, limit, bob, "client 1: hello", "client 2: hello")
	if got := post(t, base+"/say", "news"); got != "2\n" {
		t.Errorf("POST /say answered %q", got)
	}
	expect(t, limit, bob, "the server: news")
	expect(t, limit, ann, "the server: news")

	// The script changes while they are connected, and what it counts goes on.
	write(t, script, strings.Replace(string(source), `who .. ": " .. text`, `who .. " says " .. text:upper()`, 1))
	for n := 3; ; n++ {
		post(t, base+"/say", "new")
		_, text, err := bob.Read(limit)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) == "the server says NEW" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}

	// The clients are told when the program ends.
	stop()
	for {
		_, _, err := bob.Read(limit)
		if err == nil {
			continue
		}
		if websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the program has ended: %v", err)
		}
		break
	}
	go func() { // ann must read to see the end, too
		for {
			if _, _, err := ann.Read(limit); err != nil {
				return
			}
		}
	}()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func dial(t *testing.T, ctx context.Context, base string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(ctx, base+"/room", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

func expect(t *testing.T, ctx context.Context, c *websocket.Conn, texts ...string) {
	t.Helper()
	_, got, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range texts {
		if string(got) == want {
			return
		}
	}
	t.Errorf("got %q, want one of %q", got, texts)
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	return body(t, r, err)
}

func post(t *testing.T, address, text string) string {
	t.Helper()
	r, err := http.PostForm(address, url.Values{"text": {text}})
	return body(t, r, err)
}

func body(t *testing.T, r *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
