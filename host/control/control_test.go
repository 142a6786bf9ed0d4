package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
)

func serve(t *testing.T, source string) (path, script string, h *host.Host) {
	t.Helper()
	dir := t.TempDir()
	script = filepath.Join(dir, "main.lua")
	if err := os.WriteFile(script, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	h, err := host.New(host.WithOutput(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "c.sock")
	s, err := Listen(h, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Start(context.Background(), script); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		h.Close(ctx)
		if _, err := os.Stat(path); err == nil {
			t.Error("the socket is still there")
		}
	})
	return path, script, h
}

// The script requires a module written in Go, so that the service stays.
const source = `local reload = require "reload" package.loaded.x = function() return 1 end`

func TestControl(t *testing.T) {
	path, script, _ := serve(t, source)
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("socket %v, %v", info.Mode(), err)
		}
	}
	ask := func(r Request) Answer {
		t.Helper()
		a, err := Ask(context.Background(), path, r)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := ask(Request{Command: "reload"}); a.Reload.Result != host.ReloadUnchanged {
		t.Errorf("%+v", a.Reload)
	}
	if err := os.WriteFile(script, []byte(strings.Replace(source, "1", "2", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if a := ask(Request{Command: "reload"}); a.Reload.Result != host.ReloadOK || !strings.Contains(a.Text, "reload gen 2 ok: main") {
		t.Errorf("%s", a.Text)
	}
	a := ask(Request{Command: "status"})
	b, _ := json.Marshal(a.Status)
	for _, field := range []string{`"generation":2`, `"frames":[]`, `"stuck":[]`, `"orphans":[]`, `"conflicts":[]`, `"hash":"`} {
		if !strings.Contains(string(b), field) {
			t.Errorf("status %s lacks %s", b, field)
		}
	}
	if a := ask(Request{Command: "rollback"}); a.Reload.Result != host.ReloadOK || a.Reload.Generation != 3 {
		t.Errorf("%s", a.Text)
	}
	if a := ask(Request{Command: "history"}); len(a.History) != 2 || a.History[1].Reason != "rollback" {
		t.Errorf("%+v", a.History)
	}
	if a := ask(Request{Command: "why", Module: "main"}); len(a.Why) != 1 {
		t.Errorf("%+v", a.Why)
	}
	if _, err := Ask(context.Background(), path, Request{Command: "dance"}); err == nil {
		t.Error("an unknown command was carried out")
	}
}

func TestControlInUseAndStale(t *testing.T) {
	path, _, h := serve(t, source)
	if _, err := Listen(h, path); !errors.Is(err, ErrInUse) {
		t.Errorf("error %v", err)
	}
	stale := filepath.Join(t.TempDir(), "s.sock")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	s, err := Listen(h, stale)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// What is no request gets an answer that says so, and the next client is served.
func TestControlBadRequest(t *testing.T) {
	path, _, _ := serve(t, source)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\n\r\n")
	b, _ := io.ReadAll(conn)
	if !strings.Contains(string(b), "bad request") {
		t.Errorf("answer %q", b)
	}
}

// Who follows is told of each reload, by whomever it was asked for, until the host ends.
func TestFollow(t *testing.T) {
	ended := make(chan error, 1)
	t.Cleanup(func() { // after the server is closed
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	path, script, h := serve(t, source)
	answers := make(chan Answer, 10)
	go func() {
		ended <- Follow(context.Background(), path, func(a Answer) { answers <- a })
		close(answers)
	}()
	if a := <-answers; a.Status == nil || a.Status.Generation != 1 {
		t.Fatalf("%+v", a)
	}
	for i := range 3 {
		text := strings.Replace(source, "1", strconv.Itoa(i+2), 1)
		if i == 1 {
			text = "x = = 1"
		}
		if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := h.Reload(context.Background(), host.ReloadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if a := <-answers; a.Reload == nil || a.Reload.Result != r.Result || a.Text != r.Text(false) {
			t.Errorf("%+v, want %+v", a, r)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := Follow(ctx, path, func(Answer) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
