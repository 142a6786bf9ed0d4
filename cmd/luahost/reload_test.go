package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
)

// asProgram makes the test binary behave as luahost.
const asProgram = "LUAHOST_TEST_AS_PROGRAM"

func init() {
	if os.Getenv(asProgram) != "" {
		os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
}

// liveProgram is luahost run in a folder of its own.
type liveProgram struct {
	t   *testing.T
	dir string
	out testlog.Log

	process *os.Process
}

func (p *liveProgram) command(args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Dir = p.dir
	c.Env = append(os.Environ(), asProgram+"=1", "XDG_RUNTIME_DIR="+p.dir)
	return c
}

func runProgram(t *testing.T, files map[string]string, args ...string) *liveProgram {
	t.Helper()
	return startProgram(t, files, append([]string{"run"}, args...)...)
}

func startProgram(t *testing.T, files map[string]string, args ...string) *liveProgram {
	t.Helper()
	dir, err := os.MkdirTemp("", "lh") // a short path: those of sockets are limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &liveProgram{t: t, dir: dir}
	for name, text := range files {
		p.write(name, text)
	}
	p.start(args...)
	return p
}

// beside starts another program in the same folder.
func (p *liveProgram) beside(args ...string) *liveProgram {
	p.t.Helper()
	q := &liveProgram{t: p.t, dir: p.dir}
	q.start(args...)
	return q
}

func (p *liveProgram) start(args ...string) {
	t := p.t
	t.Helper()
	c := p.command(args...)
	c.Stdout, c.Stderr = &p.out, &p.out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.process = c.Process
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("luahost run: %v\n%s", err, p.out.String())
			}
		case <-time.After(patience):
			_ = c.Process.Kill()
			t.Error("luahost run did not end")
		}
	})
}

func (p *liveProgram) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// shows waits until the program has printed a text.
func (p *liveProgram) shows(text string) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if strings.Contains(p.out.String(), text) {
			return
		}
	}
	p.t.Fatalf("%q was not printed:\n%s", text, p.out.String())
}

// reload runs luahost reload and returns what it printed, and its exit code.
func (p *liveProgram) reload(args ...string) (string, int) {
	p.t.Helper()
	out, err := p.command(append([]string{"reload"}, args...)...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if exit != nil {
		return string(out) + string(exit.Stderr), exit.ExitCode()
	}
	return string(out), 0
}

const ticking = `local skynet = require "skynet"
local room = require "room"
local n = 0
local function tick()
	n = n + 1
	skynet.error(room.name() .. (n > 2 and " counted" or ""))
	skynet.timeout(5, tick)
end
skynet.start(tick)
`

func TestRunAppliesSaves(t *testing.T) {
	p := runProgram(t, map[string]string{"main.lua": ticking, "room.lua": "return {name = function() return 'first' end}"}, "main.lua")
	p.shows("watching 2 files by ")
	p.shows("first counted")
	p.write("room.lua", "return {name = function() return 'second' end}")
	p.shows("reload gen 2 ok: room (1 function) in 1 service, ")
	p.shows("second counted")
	p.write("room.lua", "return {\n  name = function() return 'third end\n}")
	p.shows("reload rejected: ")
	p.shows("    2 |   name = function() return 'third end\n")
	if strings.Contains(p.out.String(), "third counted") {
		t.Error("broken code runs")
	}
}

func TestReloadCommands(t *testing.T) {
	p := runProgram(t, map[string]string{"main.lua": ticking, "room.lua": "return {name = function() return 'first' end}"}, "--watch=false", "main.lua")
	p.shows("first counted")
	check := func(want string, code int, args ...string) string {
		t.Helper()
		out, got := p.reload(args...)
		if got != code || !strings.Contains(out, want) {
			t.Errorf("reload %v: exit code %d, want %d; printed %q, want %q in it", args, got, code, out, want)
		}
		return out
	}
	check("nothing changed", 3)
	p.write("room.lua", "return {name = function() return pritn and 'second' end}")
	check("warning: ", 0, "--dry-run")
	check("+return {name = function() return pritn and 'second' end}", 0, "--dry-run", "--diff")
	check("room.lua:1: reads global 'pritn'", 1, "--strict")
	p.write("room.lua", "return {name = function() return 'second' end}")
	check("reload gen 2 ok: room (1 function) in 1 service, ", 0, "room")
	p.shows("second counted")
	p.write("room.lua", "return {name = = 1}")
	check("unexpected symbol near '='", 1)

	var status host.ReloadStatus
	if err := json.Unmarshal([]byte(check(`"generation": 2`, 0, "status", "--json")), &status); err != nil {
		t.Fatal(err)
	}
	if s := status.Services[0]; status.Watch != "off" || s.Name != "main" || s.Generation != 2 || len(s.Chunks) != 2 || s.Frames == nil || s.Stuck == nil {
		t.Errorf("status %+v", status)
	}
	check("main: generation 2", 0, "status")
	check("rollback gen 3 ok", 0, "rollback")
	check("reload gen 2 ok", 0, "history")
	check("main (main.lua)", 0, "why", "room")
	check("no generation 77", 1, "rollback", "77")
	check("no luahost answers at", 1, "--control", "nowhere.sock")
}

// Of two hosts that are started in one folder, the first has its socket, and each is reached by its file.
func TestTwoHostsInAFolder(t *testing.T) {
	p := runProgram(t, map[string]string{"main.lua": ticking, "other.lua": ticking, "room.lua": "return {name = function() return 'first' end}"},
		"--watch=false", "main.lua")
	p.shows("first counted")
	q := p.beside("run", "--watch=false", "other.lua")
	q.shows("first counted")
	if strings.Contains(q.out.String(), "control socket") {
		t.Error(q.out.String())
	}
	p.write("room.lua", "return {name = function() return 'second' end}")
	for _, c := range []struct{ control, want string }{{".", "main: generation 1"}, {"main.lua", "main: generation 1"}, {"other.lua", "other: generation 1"}} {
		if out, code := p.reload("status", "--control", c.control); code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("status of %s: exit code %d, %q", c.control, code, out)
		}
	}
	if out, code := p.reload("--control", "other.lua"); code != 0 {
		t.Fatal(out)
	}
	q.shows("second counted")
	if out, _ := p.reload("status"); !strings.Contains(out, "main: generation 1") {
		t.Errorf("status of the first: %q", out)
	}
	p.beside("run", "--watch=false", "main.lua").shows("no control socket: another process serves this control socket")
}
