package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
	"go.uber.org/goleak"
)

// newHost makes a host for the scripts in a folder.
func newHost(t testing.TB, dir string, scripts map[string]string, opts ...host.Option) (*host.Host, *testlog.Log) {
	t.Helper()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name+".lua"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := &testlog.Log{}
	h, err := host.New(append([]host.Option{host.WithOutput(out), host.WithModule(skynet.Modules()...)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return h, out
}

// patience is how long a test waits for what must come.
const patience = time.Minute

func mustClose(t testing.TB, h *host.Host) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		t.Errorf("closing: %v", err)
	}
}

func mustStart(t testing.TB, h *host.Host, dir, name string, args ...string) host.Handle {
	t.Helper()
	a, err := h.Start(context.Background(), filepath.Join(dir, name+".lua"), args...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const echo = `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end)
end)`

// Many services call each other, start others and end, on several workers; nothing is lost, and nothing is left.
func TestStress(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{
		"node": `
local skynet = require "skynet"
local id, size = ...
local peers, sum = {}, 0
local command = {}
function command.peers(list) peers = list end
function command.add(n) sum = sum + n return sum end
function command.forward(ttl, n)
	if ttl == 0 then return n end
	if ttl % 3 == 0 then skynet.yield() end
	if ttl % 7 == 0 then skynet.sleep(1) end
	return skynet.call(peers[(n * 7 + ttl) % #peers + 1], "lua", "forward", ttl - 1, n + 1)
end
function command.spawn()
	local child = skynet.newservice("child")
	local got = skynet.call(child, "lua", "x")
	skynet.send(child, "lua", "exit")
	return got
end
function command.sum() return sum end
skynet.start(function()
	skynet.dispatch("lua", function(session, _, cmd, ...)
		local r = command[cmd](...)
		if session ~= 0 then skynet.retpack(r) end
	end)
end)`,
		"child": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, x)
		if x == "exit" then skynet.exit() end
		skynet.retpack(x .. x)
	end)
end)`,
		"main": `
local skynet = require "skynet"
local SIZE, ROUNDS, DEPTH = 40, 30, 20
skynet.start(function()
	local nodes = {}
	for i = 1, SIZE do nodes[i] = skynet.newservice("node", i) end
	for _, a in ipairs(nodes) do skynet.call(a, "lua", "peers", nodes) end
	local done, wrong = 0, 0
	for i = 1, SIZE do
		skynet.fork(function()
			for round = 1, ROUNDS do
				if skynet.call(nodes[i], "lua", "forward", DEPTH, round) ~= DEPTH + round then wrong = wrong + 1 end
				for j = 1, SIZE do skynet.send(nodes[j], "lua", "add", 1) end
				if round % 10 == 0 and skynet.call(nodes[i], "lua", "spawn") ~= "xx" then wrong = wrong + 1 end
			end
			done = done + 1
		end)
	end
	while done < SIZE do skynet.sleep(1) end
	for _, a in ipairs(nodes) do
		if skynet.call(a, "lua", "sum") ~= SIZE * ROUNDS then wrong = wrong + 1 end
	end
	print("wrong", wrong)
end)`,
	}, host.WithWorkers(4))
	mustStart(t, h, dir, "main")
	if n := len(h.Services()); n < 41 {
		t.Errorf("%d services", n)
	}
	mustClose(t, h)
	if got := out.String(); got != "wrong\t0\n" {
		t.Errorf("got %s", got)
	}
	if n := len(h.Services()); n != 0 {
		t.Errorf("%d services are left", n)
	}
}

func TestCallFromGo(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{"echo": echo, "main": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		if cmd == "fail" then error("no", 0) end
		if cmd == "sleep" then skynet.sleep(1000) end
		if cmd == "exit" then skynet.exit() end
		if cmd == "print" then return print(...) end
		skynet.retpack(cmd, ...)
	end)
end)`})
	ctx := context.Background()
	a := mustStart(t, h, dir, "main")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				r, err := h.Call(ctx, a, "echo", i, j)
				if err != nil || len(r) != 3 || r[1] != float64(i) || r[2] != float64(j) {
					t.Errorf("got %v, %v", r, err)
				}
			}
		})
	}
	all.Wait()
	if _, err := h.Call(ctx, a, "fail"); !errors.Is(err, host.ErrCallFailed) {
		t.Errorf("a failing handler: %v", err)
	}
	if _, err := h.Call(ctx, 4711); !errors.Is(err, host.ErrNoService) {
		t.Errorf("nobody there: %v", err)
	}
	if err := h.Send(4711, 1); !errors.Is(err, host.ErrNoService) {
		t.Errorf("a message to nobody: %v", err)
	}
	if err := h.Send(a, "print", "sent"); err != nil {
		t.Error(err)
	}
	if _, err := h.Call(ctx, a, make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, err := h.Call(short, a, "sleep"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent service: %v", err)
	}
	if _, err := h.Call(ctx, a, "exit"); !errors.Is(err, host.ErrCallFailed) {
		t.Errorf("a service that ends: %v", err)
	}
	b := mustStart(t, h, dir, "echo")
	if r, err := h.Call(ctx, b, "last"); err != nil || r[0] != "last" {
		t.Errorf("got %v, %v", r, err)
	}
	mustClose(t, h)
	if _, err := h.Call(ctx, b, "x"); !errors.Is(err, host.ErrClosed) {
		t.Errorf("a closed host: %v", err)
	}
	if _, err := h.Start(ctx, filepath.Join(dir, "echo.lua")); !errors.Is(err, host.ErrClosed) {
		t.Errorf("starting in a closed host: %v", err)
	}
	if !strings.Contains(out.String(), "sent\n") {
		t.Errorf("got %s", out)
	}
}

// Timers keep the order in which they were set, and time stands still between them.
func TestTimers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, out := newHost(t, dir, map[string]string{"main": `
local skynet = require "skynet"
local list = {}
local function note(x) list[#list + 1] = x end
skynet.start(function()
	local start = skynet.now()
	for i = 1, 5 do skynet.timeout(10, function() note("a" .. i) end) end
	skynet.timeout(5, function() note "early" end)
	skynet.timeout(10, function() note "last" end)
	skynet.timeout(100 * 60 * 60, function() note "in an hour" end)
	skynet.timeout(0, function() note "now" end)
	skynet.timeout(-5, function() note "now too" end)
	skynet.sleep(10)
	note("slept " .. skynet.now() - start)
	skynet.sleep(100 * 60 * 60)
	note("slept " .. skynet.now() - start)
	print(table.concat(list, " "))
	skynet.exit()
end)`})
		begun := time.Now()
		mustStart(t, h, dir, "main")
		<-h.Done()
		mustClose(t, h)
		want := "now now too early a1 a2 a3 a4 a5 last slept 10 in an hour slept 360010\n"
		if got := out.String(); got != want {
			t.Errorf("got  %swant %s", got, want)
		}
		if passed := time.Since(begun); passed < time.Hour || passed > time.Hour+2*time.Second {
			t.Errorf("%v passed", passed)
		}
	})
}

// What a message may use.
func TestBudgets(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{"main": `
local skynet = require "skynet"
local command = {}
function command.loop() while true do end end
function command.swallow() while true do pcall(function() while true do end end) end end
function command.memory() return #("x"):rep(1e9) end
function command.fork()
	skynet.fork(function() while true do end end)
	skynet.fork(function() print "the other fork" end)
end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		skynet.retpack((command[cmd] or print)(...))
	end)
end)`}, host.WithMessageBudget(1000000, 0), host.WithMemoryLimit(64<<20))
	a := mustStart(t, h, dir, "main")
	for _, cmd := range []string{"loop", "swallow", "memory"} {
		if _, err := h.Call(context.Background(), a, cmd); !errors.Is(err, host.ErrCallFailed) {
			t.Errorf("%s: %v", cmd, err)
		}
	}
	if _, err := h.Call(context.Background(), a, "fork"); err != nil {
		t.Error(err)
	}
	if _, err := h.Call(context.Background(), a, "print", "alive"); err != nil {
		t.Error(err)
	}
	mustClose(t, h)
	got := out.String()
	for _, want := range []string{"main.lua:4: instruction budget of 1000000 exceeded", "not enough memory", "the other fork"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

// A service that never stops is interrupted when the host closes.
func TestCloseInterrupts(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, _ := newHost(t, dir, map[string]string{"main": `
local skynet = require "skynet"
skynet.start(function()
	skynet.timeout(0, function() while true do pcall(function() while true do end end) end end)
	skynet.fork(function() while true do end end)
end)`})
	mustStart(t, h, dir, "main")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := h.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closed with %v", err)
	}
}

// A start that is cancelled leaves nothing behind.
func TestStartCancelled(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, _ := newHost(t, dir, map[string]string{
		"waits": `local skynet = require "skynet" skynet.start(function() skynet.wait() end)`,
		"loops": `while true do end`,
	})
	for _, name := range []string{"waits", "loops"} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if _, err := h.Start(ctx, filepath.Join(dir, name+".lua")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	select {
	case <-h.Done():
	case <-time.After(patience):
		t.Error("a service is left")
	}
	mustClose(t, h)
}

// A panic in Go code, called from Lua or not, is an error of that message alone.
func TestPanics(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	module := host.Module{Name: "bad", Open: func(s *host.Service) (vm.Value, error) {
		s.OnExit(func() { panic("at the end") })
		return vm.Function("bad", func(c *vm.Call) error {
			switch c.CheckString(1) {
			case "nil":
				var p *host.Service
				return c.Errorf("%s", p.Name())
			case "post":
				s.Post(func(*host.Service) { panic("posted") })
			case "await":
				session := s.NewSession()
				s.Await(session, func(host.Reply) { panic("awaited") })
				s.Deliver(session, nil)
			}
			return nil
		}), nil
	}}
	h, out := newHost(t, dir, map[string]string{"main": `
local skynet = require "skynet"
local bad = require "bad"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, what) skynet.retpack(pcall(bad, what)) end)
end)`}, host.WithModule(module))
	a := mustStart(t, h, dir, "main")
	for _, what := range []string{"nil", "post", "await", "none"} {
		r, err := h.Call(context.Background(), a, what)
		if err != nil || r[0] != (what != "nil") {
			t.Errorf("%s: %v, %v", what, r, err)
		}
	}
	mustClose(t, h)
	for _, want := range []string{"panic in a Go function: posted", "panic in a Go function: awaited", "panic at the service's end: at the end"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
}

// Services that end give everything back.
func TestServicesAreFreed(t *testing.T) {
	dir := t.TempDir()
	h, _ := newHost(t, dir, map[string]string{"echo": echo})
	defer mustClose(t, h)
	ctx := context.Background()
	live := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	cycle := func() {
		var list []host.Handle
		for range 200 {
			a := mustStart(t, h, dir, "echo")
			if _, err := h.Call(ctx, a, strings.Repeat("x", 10000)); err != nil {
				t.Fatal(err)
			}
			list = append(list, a)
		}
		for _, a := range list {
			h.Service(a).Kill()
		}
		for len(h.Services()) > 0 {
			time.Sleep(time.Millisecond)
		}
	}
	cycle()
	before := live()
	for range 5 {
		cycle()
	}
	if after := live(); after > before+2<<20 {
		t.Errorf("the heap grew from %d to %d KB", before>>10, after>>10)
	}
}

// Only one goroutine at a time is in a service, however it gets in.
func TestTurns(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	h, _ := newHost(t, dir, map[string]string{"echo": echo})
	a := mustStart(t, h, dir, "echo")
	s := h.Service(a)
	inside, entered, posted := 0, 0, 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				if s.Enter(func(*host.Service) { inside++; entered++ }) {
					continue
				}
				done := make(chan struct{})
				s.Post(func(*host.Service) { inside++; posted++; close(done) })
				<-done
			}
		})
	}
	all.Wait()
	s.Post(func(*host.Service) {
		if inside != 8000 || entered+posted != 8000 {
			t.Errorf("%d times inside: %d entered, %d posted", inside, entered, posted)
		}
	})
	mustClose(t, h)
	if s.Post(func(*host.Service) {}) || s.Enter(func(*host.Service) {}) {
		t.Error("got into a service that has ended")
	}
}

// A message that arrives while a service goes idle wakes it.
func TestNoLostWakeups(t *testing.T) {
	dir := t.TempDir()
	h, _ := newHost(t, dir, map[string]string{"echo": echo}, host.WithWorkers(3))
	defer mustClose(t, h)
	var all sync.WaitGroup
	for range 3 {
		a := mustStart(t, h, dir, "echo")
		all.Go(func() {
			for i := range 3000 {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				_, err := h.Call(ctx, a, i)
				cancel()
				if err != nil {
					t.Errorf("call %d: %v", i, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// What a long message's sender has made ready does not wait for its end.
func TestReadyServiceIsHandedOn(t *testing.T) {
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{
		"echo": echo,
		"other": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function() print "handled" end)
end)`,
		"main": `
local skynet = require "skynet"
skynet.start(function()
	local other = skynet.newservice "other"
	skynet.dispatch("lua", function()
		skynet.send(other, "lua")
		local stop = os.time() + 2
		while os.time() < stop do end
		print "done"
		skynet.retpack()
	end)
end)`}, host.WithWorkers(2))
	defer mustClose(t, h)
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two processors")
	}
	a := mustStart(t, h, dir, "main")
	if _, err := h.Call(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	h.Flush()
	if got := out.String(); got != "handled\ndone\n" {
		t.Errorf("got %s", got)
	}
}

func TestOverloadIsReported(t *testing.T) {
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{"echo": echo})
	a := mustStart(t, h, dir, "echo")
	s := h.Service(a)
	blocked, release := make(chan struct{}), make(chan struct{})
	s.Post(func(*host.Service) { close(blocked); <-release })
	<-blocked
	for range 5000 {
		s.Post(func(*host.Service) {})
	}
	close(release)
	if _, err := h.Call(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	mustClose(t, h)
	if !strings.Contains(out.String(), "May overload, message queue length = ") {
		t.Errorf("got %s", out)
	}
}

func TestOptions(t *testing.T) {
	m := host.Module{Name: "twice"}
	for want, o := range map[string]host.Option{
		`two modules are named "twice"`: host.WithModule(m, m),
		"0 workers: want 1 to 1024":     host.WithWorkers(0),
		"a message budget of -1":        host.WithMessageBudget(-1, 0),
		"a memory limit of -5":          host.WithMemoryLimit(-5),
	} {
		h, err := host.New(o)
		if err == nil {
			mustClose(t, h)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A script that needs nothing of the host ends when it has run.
func TestPlainScript(t *testing.T) {
	dir := t.TempDir()
	h, out := newHost(t, dir, map[string]string{"plain": "#!/usr/bin/luahost\nprint('hello', ...)"})
	mustStart(t, h, dir, "plain", "a", "b c")
	select {
	case <-h.Done():
	case <-time.After(patience):
		t.Error("the service lives")
	}
	mustClose(t, h)
	if got := out.String(); got != "hello\ta\tb c\n" {
		t.Errorf("got %q", got)
	}
}

func TestExitOption(t *testing.T) {
	dir := t.TempDir()
	code := make(chan int, 1)
	h, out := newHost(t, dir, map[string]string{"main": `print "before" os.exit(7) print "after"`}, host.WithExit(func(c int) { code <- c }))
	_, err := h.Start(context.Background(), filepath.Join(dir, "main.lua"))
	if err == nil {
		t.Error("the script went on")
	}
	mustClose(t, h)
	if c := <-code; c != 7 || out.String() != "before\n" {
		t.Errorf("exit code %d, output %q", c, out)
	}
}

func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	h, _ := newHost(b, dir, map[string]string{"echo": echo})
	defer mustClose(b, h)
	b.ReportAllocs()
	for b.Loop() {
		h.Service(mustStart(b, h, dir, "echo")).Kill()
	}
}

// What 10,000 idle services take.
func BenchmarkIdleServices(b *testing.B) {
	dir := b.TempDir()
	h, _ := newHost(b, dir, map[string]string{"echo": echo})
	defer mustClose(b, h)
	const n = 10000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range n {
			mustStart(b, h, dir, "echo")
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/service")
		for _, s := range h.Services() {
			s.Kill()
		}
		for len(h.Services()) > 0 {
			time.Sleep(time.Millisecond)
		}
	}
}
