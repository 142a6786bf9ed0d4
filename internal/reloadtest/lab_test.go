package reloadtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
)

// patience is how long a test waits for what must come, and a reload for a service.
const patience = time.Minute

// lab is a host with all bindings and scripts in a folder. A script answers commands: see command.
type lab struct {
	t   testing.TB
	h   *host.Host
	dir string
	out *testlog.Log
}

// command is the beginning of a script that answers messages with what the function of that name in the table on returns.
const command = `local skynet = require "skynet" local on = {}
skynet.start(function() skynet.dispatch("lua", function(_, _, name, ...) skynet.ret(skynet.pack(on[name](...))) end) end)
`

func newLab(t testing.TB, files map[string]string, options ...host.Option) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir(), out: &testlog.Log{}}
	for name, text := range files {
		l.write(name, text)
	}
	h, err := host.New(append(append(all.Options(), host.WithOutput(l.out), host.WithModulePath(filepath.Join(l.dir, "?.lua")),
		host.WithServicePath(filepath.Join(l.dir, "?.lua"))), options...)...)
	if err != nil {
		t.Fatal(err)
	}
	l.h = h
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l *lab) write(name, text string) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(l.path(name)), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(l.path(name), []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) start(name string, args ...string) host.Handle {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := l.h.Start(ctx, l.path(name), args...)
	if err != nil {
		l.t.Fatalf("%v\n%s", err, l.out)
	}
	return s
}

// call sends a command to a service and returns what it answered.
func (l *lab) call(s host.Handle, args ...any) string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := l.h.Call(ctx, s, args...)
	if err != nil {
		l.t.Fatalf("%v: %v\n%s", args, err, l.out)
	}
	return strings.TrimSuffix(fmt.Sprintln(r...), "\n")
}

func (l *lab) want(s host.Handle, want string, args ...any) {
	l.t.Helper()
	if got := l.call(s, args...); got != want {
		l.t.Errorf("%v answered %q, want %q\n%s", args, got, want, l.out)
	}
}

func (l *lab) reload(o host.ReloadOptions) *host.Reload {
	l.t.Helper()
	o.Wait, o.LoadTime = patience, patience
	r, err := l.h.Reload(context.Background(), o)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// ok reloads and requires that it goes well, and without findings unless they are told.
func (l *lab) ok(findings ...string) *host.Reload {
	l.t.Helper()
	r := l.reload(host.ReloadOptions{})
	if r.Result != host.ReloadOK {
		l.t.Fatalf("%s\n%s", r.Text(false), l.out)
	}
	all := append(append(append(append([]string{}, r.Warnings...), r.Conflicts...), r.Stuck...), r.Advice...)
	if len(all) != len(findings) {
		l.t.Errorf("findings %q, want %q", all, findings)
		return r
	}
	for i, want := range findings {
		if !strings.Contains(all[i], want) {
			l.t.Errorf("finding %q, want %q", all[i], want)
		}
	}
	return r
}

// rejected reloads and requires that it is rejected, with an error that has want in it.
func (l *lab) rejected(want string) *host.Reload {
	l.t.Helper()
	r := l.reload(host.ReloadOptions{})
	if r.Result != host.ReloadRejected || !strings.Contains(r.Text(false), want) {
		l.t.Errorf("%s\nwant a rejection because of %q\n%s", r.Text(false), want, l.out)
	}
	return r
}
