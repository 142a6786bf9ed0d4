package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// stage is a host with scripts in a folder, and a module "t" by which scripts talk to the test:
// t.on(name, f) sets a handler, t.start(f) starts the service, t.every(f), t.listen(key), t.wait();
// t.meanwhile() lets the test do something while new code is on trial, t.busy() is true until the test says so.
type stage struct {
	t    testing.TB
	h    *Host
	dir  string
	out  *testlog.Log
	last *Reload
	mu   sync.Mutex
	open map[string]int // listeners
	tick map[string][]vm.Value
	busy map[string]bool // keys that can't be opened

	meanwhile func()
	spins     atomic.Bool // t.busy was called
	rest      atomic.Bool // it returns false
}

type handlersKey struct{}

func handlers(s *Service) *vm.Table {
	return s.Local(handlersKey{}, func() any {
		t := s.State().NewTable(0, 0)
		s.State().Registry().SetString("test.handlers", t.Value())
		return t
	}).(*vm.Table)
}

func newStage(t testing.TB, files map[string]string) *stage {
	t.Helper()
	st := &stage{t: t, dir: t.TempDir(), out: &testlog.Log{}, open: map[string]int{}, tick: map[string][]vm.Value{}, busy: map[string]bool{}}
	for name, text := range files {
		st.write(name, text)
	}
	functions := vm.NewLibrary("t", []*vm.GoFunction{
		vm.NewFunction("t.on", func(c *vm.Call) error {
			s := ServiceOf(c)
			s.SetReceiver(testReceiver{})
			return handlers(s).Set(c.Arg(1), c.CheckFunction(2))
		}),
		vm.NewFunction("t.start", func(c *vm.Call) error {
			s := ServiceOf(c)
			s.SetReceiver(testReceiver{})
			s.Start(c.CheckFunction(1))
			return nil
		}),
		vm.NewFunction("t.fork", func(c *vm.Call) error {
			ServiceOf(c).Fork(c.CheckFunction(1))
			return nil
		}),
		vm.NewFunction("t.every", func(c *vm.Call) error {
			s := ServiceOf(c)
			s.Begin("every", func(values []vm.Value) {
				st.mu.Lock()
				st.tick[s.Name()] = append(st.tick[s.Name()], values[0])
				st.mu.Unlock()
			}, c.CheckFunction(1))
			return nil
		}),
		vm.NewFunction("t.listen", func(c *vm.Call) error {
			key := c.CheckString(1)
			_, err := ServiceOf(c).Declare("listen", key, func() (any, error) {
				st.mu.Lock()
				defer st.mu.Unlock()
				if st.busy[key] || st.open[key] > 0 {
					return nil, fmt.Errorf("%s: address in use", key)
				}
				st.open[key]++
				return key, nil
			}, func(any) {
				st.mu.Lock()
				st.open[key]--
				st.mu.Unlock()
			})
			return err
		}),
		vm.NewFunction("t.meanwhile", func(c *vm.Call) error {
			if f := st.meanwhile; f != nil && ServiceOf(c).OnTrial() {
				st.meanwhile = nil
				f()
			}
			return nil
		}),
		vm.NewFunction("t.busy", func(c *vm.Call) error {
			st.spins.Store(true)
			return c.Return(vm.Bool(!st.rest.Load()))
		}),
		vm.NewFunction("t.wait", func(c *vm.Call) error {
			s := ServiceOf(c)
			if err := s.Forbid(c, "waiting"); err != nil {
				return err
			}
			session := s.NewSession()
			handlers(s).SetString("session", vm.Int(session))
			return s.Wait(c, session, func(c *vm.Call, r Reply) error { return nil })
		}),
	}, nil)
	h, err := New(WithOutput(st.out), WithWorkers(2), WithModulePath(filepath.Join(st.dir, "?.lua")),
		WithServicePath(filepath.Join(st.dir, "?.lua")),
		WithModule(Module{Name: "t", Open: func(s *Service) (vm.Value, error) { return s.State().Open(functions).Value(), nil }}),
		WithOnReload(func(r *Reload) { st.last = r }))
	if err != nil {
		t.Fatal(err)
	}
	st.h = h
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return st
}

// testReceiver calls the handler named by a message's Value.
type testReceiver struct{}

func (testReceiver) Receive(s *Service, m Message) {
	ask, ok := m.Value.(*ask)
	if !ok {
		return
	}
	f := handlers(s).GetString(ask.name)
	if !f.IsFunction() {
		ask.reply <- "no handler " + ask.name
		return
	}
	s.Go(vm.Function("answer", func(c *vm.Call) error {
		return c.CallThen(func(c *vm.Call) error {
			var parts []string
			for _, v := range c.Args() {
				parts = append(parts, vm.Text(v))
			}
			ask.reply <- strings.Join(parts, " ")
			return nil
		}, f)
	}))
}

type ask struct {
	name  string
	reply chan string
}

func (st *stage) path(name string) string { return filepath.Join(st.dir, name) }

func (st *stage) write(name, text string) {
	st.t.Helper()
	if err := os.WriteFile(st.path(name), []byte(text), 0o644); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) start(name string, args ...string) Handle {
	st.t.Helper()
	h, err := st.h.Start(context.Background(), st.path(name), args...)
	if err != nil {
		st.t.Fatal(err)
	}
	return h
}

// ask sends a message to a service and returns what its handler returned.
func (st *stage) ask(h Handle, name string) string {
	st.t.Helper()
	a := &ask{name, make(chan string, 1)}
	if !st.h.Post(h, Message{Type: TypeLua, Value: a}) {
		st.t.Fatalf("no service %v", h)
	}
	select {
	case r := <-a.reply:
		return r
	case <-time.After(patience):
		st.t.Fatalf("%s did not answer\n%s", name, st.out)
	}
	return ""
}

func (st *stage) want(h Handle, name, want string) {
	st.t.Helper()
	if got := st.ask(h, name); got != want {
		st.t.Errorf("%s answered %q, want %q\n%s", name, got, want, st.out)
	}
}

func (st *stage) reload(o ReloadOptions) *Reload {
	st.t.Helper()
	if o.Wait == 0 {
		o.Wait = patience
	}
	if o.LoadTime == 0 {
		o.LoadTime = patience
	}
	r, err := st.h.Reload(context.Background(), o)
	if err != nil {
		st.t.Fatal(err)
	}
	return r
}

// ok reloads and requires that it goes well.
func (st *stage) ok() *Reload {
	st.t.Helper()
	r := st.reload(ReloadOptions{})
	if r.Result != ReloadOK {
		st.t.Fatalf("%s\n%s", r.Text(false), st.out)
	}
	return r
}

const counterScript = `local t = require "t"
local room = require "room"
local n = 0
t.on("inc", function() n = n + 1 return n, room.name() end)
`

func TestReloadModuleAndScript(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": counterScript, "room.lua": `local M = {} function M.name() return "old" end return M`})
	s := st.start("main.lua")
	st.want(s, "inc", "1 old")
	st.write("room.lua", `local M = {} function M.name() return "new" end return M`)
	r := st.ok()
	st.want(s, "inc", "2 new")
	if want := "reload gen 2 ok: room (1 function) in 1 service, "; !strings.HasPrefix(r.Line(), want) {
		t.Errorf("line %q, want %q", r.Line(), want)
	}
	st.write("main.lua", strings.Replace(counterScript, "n + 1", "n + 10", 1))
	st.ok()
	st.want(s, "inc", "12 new")
	if r := st.reload(ReloadOptions{}); r.Result != ReloadUnchanged {
		t.Errorf("second reload: %s", r.Line())
	}
}

// Scenario: of three changed files two are broken. Both errors are told, and nothing changes.
func TestReloadRejectsBrokenFiles(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `local t = require "t" local a, b, c = require "a", require "b", require "c" t.on("x", function() return a.v(), b.v(), c.v() end)`,
		"a.lua":    `return {v = function() return 1 end}`, "b.lua": `return {v = function() return 1 end}`, "c.lua": `return {v = function() return 1 end}`,
	})
	s := st.start("main.lua")
	st.write("a.lua", "return {\n  v = function() return 2 end,,\n}")
	st.write("b.lua", "x = = 1")
	st.write("c.lua", `return {v = function() return 2 end}`)
	r := st.reload(ReloadOptions{})
	if r.Result != ReloadRejected || len(r.Errors) != 2 || r.Errors[0].Line != 2 || r.Errors[1].Line != 1 || st.h.Generation() != 1 {
		t.Fatalf("%+v", r)
	}
	text := r.Text(false)
	for _, want := range []string{"reload rejected: ", "a.lua:2: ", "    2 |   v = function() return 2 end,,\n", "^\n", "b.lua:1: unexpected symbol near '='"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	st.want(s, "x", "1 1 1")
	// A service that starts now gets the code that runs, not the broken file.
	st.want(st.start("main.lua"), "x", "1 1 1")
	st.write("a.lua", `return {v = function() return 2 end}`)
	st.write("b.lua", `return {v = function() return 2 end}`)
	st.ok()
	st.want(s, "x", "2 2 2")
}

// Scenario: what is declared at load time lives on, whatever the number of reloads.
func TestReloadDeclarations(t *testing.T) {
	source := `local t = require "t" local n = 0
		t.listen(%q)
		local function tick() n = n + 1 return %d end
		t.every(tick)
		t.fork(function() n = n + 100 end)
		t.on("n", function() return n, tick() end)`
	st := newStage(t, map[string]string{"main.lua": fmt.Sprintf(source, ":1", 0)})
	s := st.start("main.lua")
	st.want(s, "n", "100 0")
	for i := 1; i <= 20; i++ {
		st.write("main.lua", fmt.Sprintf(source, ":1", i))
		st.ok()
	}
	st.want(s, "n", "101 20")
	st.mu.Lock()
	if st.open[":1"] != 1 || len(st.tick["main"]) != 1 {
		t.Errorf("%d listeners, %d timers", st.open[":1"], len(st.tick["main"]))
	}
	st.busy[":3"] = true
	st.mu.Unlock()
	st.write("main.lua", fmt.Sprintf(source, ":2", 30))
	st.ok()
	st.mu.Lock()
	if st.open[":1"] != 0 || st.open[":2"] != 1 {
		t.Errorf("open: %v", st.open)
	}
	st.mu.Unlock()
	st.write("main.lua", fmt.Sprintf(source, ":3", 40))
	if r := st.reload(ReloadOptions{}); r.Result != ReloadRejected || !strings.Contains(r.Text(false), "address in use") {
		t.Errorf("%s", r.Text(false))
	}
	st.want(s, "n", "102 30")
	if st.mu.Lock(); st.open[":2"] != 1 {
		t.Errorf("open: %v", st.open)
	}
	st.mu.Unlock()
}

// Scenario: a handler that start's function set changes; another statement of that function takes effect only at a restart.
func TestReloadStartFunction(t *testing.T) {
	source := `local t = require "t"
t.start(function()
  %s
  t.on("x", function() return %q end)
end)`
	st := newStage(t, map[string]string{"main.lua": fmt.Sprintf(source, "", "old")})
	s := st.start("main.lua")
	st.write("main.lua", fmt.Sprintf(source, "", "new"))
	if r := st.ok(); len(r.Advice) != 0 {
		t.Errorf("advice %q", r.Advice)
	}
	st.want(s, "x", "new")
	st.write("main.lua", fmt.Sprintf(source, `print "hello"`, "newer"))
	r := st.ok()
	st.want(s, "x", "newer")
	if len(r.Advice) != 1 || !strings.Contains(r.Advice[0], "main.lua:2: the start function has changed") {
		t.Errorf("advice %q", r.Advice)
	}
	if strings.Contains(st.out.String(), "hello") {
		t.Error("the start function ran again")
	}
}

// Scenario: new code that does not end, and a service that is busy.
func TestReloadEndlessAndBusy(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `local t = require "t" local m = require "m"
t.on("x", function() return m.v end)
t.on("spin", function()
  while t.busy() do end
  return "done"
end)`,
		"m.lua": `return {v = 1}`})
	s := st.start("main.lua")
	st.write("m.lua", `while true do end`)
	r := st.reload(ReloadOptions{LoadTime: 100 * time.Millisecond})
	if r.Result != ReloadRejected || !strings.Contains(r.Errors[0].String(), "m.lua:1: loading takes longer than 100ms") {
		t.Errorf("%s", r.Text(false))
	}
	st.want(s, "x", "1")
	st.write("m.lua", `return {v = 2}`)
	a := &ask{"spin", make(chan string, 1)}
	st.h.Post(s, Message{Type: TypeLua, Value: a})
	for !st.spins.Load() {
		time.Sleep(time.Millisecond)
	}
	r = st.reload(ReloadOptions{Wait: 100 * time.Millisecond})
	st.rest.Store(true)
	if r.Result != ReloadRejected || !strings.Contains(r.Errors[0].Message, "main.lua:") {
		t.Errorf("%s", r.Text(false))
	}
	if got := <-a.reply; got != "done" {
		t.Errorf("spin answered %q", got)
	}
	st.want(s, "x", "1")
	st.ok()
	st.want(s, "x", "2")
}

// Scenario: globals that nothing defines.
func TestReloadLint(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": `require "t".on("x", function() return 1 end)`})
	s := st.start("main.lua")
	st.write("main.lua", "require 't'.on('x', function()\n  if false then pritn(1) end return 2\nend)")
	for _, o := range []ReloadOptions{{DryRun: true}, {Strict: true}, {}} {
		r := st.reload(o)
		if o.Strict {
			if r.Result != ReloadRejected || r.Errors[0].Line != 2 || !strings.Contains(r.Errors[0].Message, "reads global 'pritn'") {
				t.Errorf("strict: %+v", r)
			}
			st.want(s, "x", "1")
			continue
		}
		if r.Result != ReloadOK || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "main.lua:2: reads global 'pritn', which nothing defines") {
			t.Errorf("%+v", r)
		}
		if o.DryRun {
			st.want(s, "x", "1")
			if st.h.Generation() != 1 {
				t.Error("a dry run made a generation")
			}
		}
	}
	st.want(s, "x", "2")
}

// Scenario: hooks, and a rollback that goes the other way.
func TestReloadHooksAndRollback(t *testing.T) {
	source := `local M = {objects = {}, __version = %d}
		function M.fill() for i = 1, 1000 do M.objects[i] = {%s = i} end end
		function M.sum() local n = 0 for _, o in ipairs(M.objects) do n = n + o.%s end return n end
		function M.__reload(old, new, info)
			for _, o in ipairs(new.objects) do o.%s, o.%s = o.%s, nil end
			LAST = info.reason .. info.gen .. table.concat(info.changed, ",") .. tostring(old.__version)
		end
		M.__migrate = {[2] = function(m) m.migrated = (m.migrated or 0) + 1 end}
		return M`
	hp := fmt.Sprintf(source, 1, "hp", "hp", "hp", "health", "health")
	health := fmt.Sprintf(source, 2, "health", "health", "health", "hp", "hp")
	st := newStage(t, map[string]string{
		"main.lua": `local m = require "m" local t = require "t" t.on("fill", m.fill)
			t.on("x", function() return m.sum(), m.objects[1].hp, m.objects[1].health, LAST, m.migrated end)`,
		"m.lua": hp})
	s := st.start("main.lua")
	st.ask(s, "fill")
	st.write("m.lua", health)
	st.ok()
	st.want(s, "x", "500500 nil 1 reload2m1 1")
	r, err := st.h.Rollback(context.Background(), 0)
	if err != nil || r.Result != ReloadOK || r.Reason != "rollback" {
		t.Fatalf("%v %+v", err, r)
	}
	st.want(s, "x", "500500 1 nil rollback3m2 1")
	if r := st.reload(ReloadOptions{auto: true}); r.Result != ReloadUnchanged {
		t.Errorf("after the rollback: %s", r.Line())
	}
	st.ok() // asked for by hand, what is on disk is applied again
	st.want(s, "x", "500500 nil 1 reload4m1 2")
}

func TestReloadCheck(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `local m = require "m" require "t".on("x", function() return m.v, m.touched, SEEN end)`,
		"m.lua":    `return {v = 1}`})
	s := st.start("main.lua")
	st.write("m.lua", `return {v = 2, __check = function(m) m.touched = true SEEN = true return m.v == 3, "v is " .. m.v end}`)
	if r := st.reload(ReloadOptions{}); r.Result != ReloadRejected || !strings.Contains(r.Errors[0].Message, "v is 2") {
		t.Errorf("%s", r.Text(false))
	}
	st.want(s, "x", "1 nil nil")
	st.write("m.lua", `return {v = 3, __check = function(m) m.touched = true SEEN = true return m.v == 3 end}`)
	st.ok()
	st.want(s, "x", "3 nil nil")
}

func TestReloadModuleFunctions(t *testing.T) {
	source := `local reload, t = require "reload", require "t"
		local id = reload.once("id", function() COUNT = (COUNT or 0) + 1 return {} end)
		local list = reload.state("list", {})
		local LIMIT = reload.const(%d)
		local plain = %d
		reload.on(function(ev) list[#list + 1] = ev.type .. ev.generation end)
		t.on("x", function() return COUNT, #list, list[#list], LIMIT, plain, reload.generation() end)
		t.on("set", function() LIMIT, plain = 99, 99 end)`
	st := newStage(t, map[string]string{"main.lua": fmt.Sprintf(source, 1, 1)})
	s := st.start("main.lua")
	st.ask(s, "set")
	st.write("main.lua", fmt.Sprintf(source, 2, 2))
	r := st.ok()
	st.want(s, "x", "1 2 reload.ok2 2 99 2")
	if len(r.Conflicts) != 1 || !strings.Contains(r.Conflicts[0], "plain") {
		t.Errorf("conflicts %q", r.Conflicts)
	}
	st.write("main.lua", fmt.Sprintf(source, 3, 2)+" reload.never()")
	if r := st.reload(ReloadOptions{}); r.Result != ReloadRejected || !strings.Contains(r.Errors[0].Message, "asks for a restart") {
		t.Errorf("%s", r.Text(false))
	}
}

// package.reload asks for a reload that takes place behind the function that asks.
func TestPackageReload(t *testing.T) {
	source := `local M = {} function M.f(n) if n == 0 then package.reload("m") return %q end return M.f(n - 1) .. %q end return M`
	st := newStage(t, map[string]string{
		"main.lua": `local m = require "m" require "t".on("x", function() return m.f(3) end)`,
		"m.lua":    fmt.Sprintf(source, "old", "o")})
	s := st.start("main.lua")
	st.write("m.lua", fmt.Sprintf(source, "new", "n"))
	st.want(s, "x", "oldooo")
	for end := time.Now().Add(patience); st.h.Generation() != 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	st.want(s, "x", "newnnn")
}

// Scenario: the status lists an old frame, and not after it has returned.
func TestReloadStatus(t *testing.T) {
	source := `local t = require "t"
local function step() return %q end
t.on("loop", function()
  t.wait() -- %s
  return step()
end)`
	st := newStage(t, map[string]string{"main.lua": fmt.Sprintf(source, "old", "")})
	s := st.start("main.lua")
	a := &ask{"loop", make(chan string, 1)}
	st.h.Post(s, Message{Type: TypeLua, Value: a})
	st.ask(s, "nothing") // is behind that one
	st.write("main.lua", fmt.Sprintf(source, "new", "\n"))
	st.ok()
	status := st.h.ReloadStatus(context.Background())
	if len(status.Services) != 1 || len(status.Services[0].Frames) != 1 || status.Generation != 2 {
		t.Fatalf("%+v", status)
	}
	if f := status.Services[0].Frames[0]; f.Line != 4 || f.Generation != 1 || !strings.HasSuffix(f.File, "main.lua") {
		t.Errorf("frame %+v", f)
	}
	svc := st.h.Service(s)
	svc.Post(func(s *Service) {
		n, _ := handlers(s).GetString("session").AsNumber()
		s.Deliver(int(n), nil)
	})
	if got := <-a.reply; got != "new" {
		t.Errorf("the old frame answered %q", got)
	}
	if status := st.h.ReloadStatus(context.Background()); len(status.Services[0].Frames) != 0 {
		t.Errorf("frames %+v", status.Services[0].Frames)
	}
	why := st.h.WhyLoaded(context.Background(), "main")
	if len(why) != 1 {
		t.Errorf("why %+v", why)
	}
}

// An importer whose own code is unchanged, and which can't be run again, does not keep a module from being reloaded.
func TestReloadImporterThatCannotRunAgain(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `local t = require "t" local m = require "m" t.on("x", m.f)
			if RAN then t.wait() end RAN = true`,
		"m.lua": `local M = {} function M.f() return 1 end return M`})
	s := st.start("main.lua")
	st.write("m.lua", `local M = {} function M.f() return 2 end return M`)
	r := st.ok()
	st.want(s, "x", "2")
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "was not run again") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// All services, or none: one of them refuses.
func TestReloadIsAllOrNothing(t *testing.T) {
	for _, barrier := range []bool{false, true} {
		st := newStage(t, map[string]string{
			"main.lua": `NAME = ... local m = require "m" require "t".on("x", m.f)`,
			"m.lua":    `local M = {} function M.f() return 1 end return M`})
		var services []Handle
		for i := range 20 {
			services = append(services, st.start("main.lua", fmt.Sprint(i)))
		}
		st.write("m.lua", `local M = {} function M.f() return 2 end if NAME == "13" then error "not here" end return M`)
		r := st.reload(ReloadOptions{Barrier: barrier})
		if r.Result != ReloadRejected || !strings.Contains(r.Errors[0].Message, "not here") || r.Errors[0].Line != 1 {
			t.Errorf("barrier %v: %s", barrier, r.Text(false))
		}
		for _, s := range services {
			st.want(s, "x", "1")
		}
		st.write("m.lua", `local M = {} function M.f() return 3 end return M`)
		if r := st.reload(ReloadOptions{Barrier: barrier}); r.Result != ReloadOK || r.Services != 20 {
			t.Errorf("barrier %v: %s", barrier, r.Text(false))
		}
		for _, s := range services {
			st.want(s, "x", "3")
		}
	}
}

// A service that fails only when all is decided makes the others take the change back.
func TestReloadRollsBack(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `NAME = ... local m = require "m" require "t".on("x", m.f)`,
		"m.lua":    `local M = {} function M.f() return 1 end return M`})
	var services []Handle
	for i := range 6 {
		services = append(services, st.start("main.lua", fmt.Sprint(i)))
	}
	file := st.path("count")
	st.write("count", "")
	st.write("m.lua", fmt.Sprintf(`local M = {} function M.f() return 2 end
		if NAME == "3" then
			local f = io.open(%q, "a") f:write("x") f:close()
			f = io.open(%q) local n = #f:read("a") f:close()
			if n > 1 then error "second time" end
		end return M`, file, file))
	r := st.reload(ReloadOptions{})
	if r.Result != ReloadRolledBack || st.h.Generation() != 1 {
		t.Errorf("%s", r.Text(false))
	}
	for _, s := range services {
		st.want(s, "x", "1")
	}
}

// A service that starts while the others try the new code has loaded the old code, and must not keep it.
func TestReloadReachesServicesThatStartMeanwhile(t *testing.T) {
	for _, barrier := range []bool{false, true} {
		const script = `local t = require "t"
			t.meanwhile()
			t.on("get", function() return "old" end)
			t.start(function() end)`
		st := newStage(t, map[string]string{"agent.lua": script})
		first := st.start("agent.lua")
		var second Handle
		st.meanwhile = func() { second = st.start("agent.lua") }
		st.write("agent.lua", strings.Replace(script, "old", "new", 1))
		if r := st.reload(ReloadOptions{Barrier: barrier}); r.Result != ReloadOK || r.Services != 2 {
			t.Errorf("barrier %v: %s", barrier, r.Text(false))
		}
		if second == 0 {
			t.Fatal("no service was started during the reload")
		}
		st.want(first, "get", "new")
		st.want(second, "get", "new")
	}
}

// Scenario: comments and line numbers are no change of code, but errors tell the new lines.
func TestReloadOfLines(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": "require 't'.on('x', function() local ok, e = pcall(function() error 'e' end) return (e:match('(%d+): e')) end)"})
	s := st.start("main.lua")
	st.want(s, "x", "1")
	st.write("main.lua", "-- two\n-- lines\nrequire 't'.on('x', function() local ok, e = pcall(function() error 'e' end) return (e:match('(%d+): e')) end)")
	if r := st.reload(ReloadOptions{}); r.Result != ReloadUnchanged || st.h.Generation() != 1 {
		t.Errorf("%s", r.Line())
	}
	st.want(s, "x", "3")
}

func TestWatchAppliesSaves(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": `require "t".on("x", function() return 1 end)`})
	s := st.start("main.lua")
	reports := make(chan *Reload, 10)
	defer st.h.OnReload(func(r *Reload) { reports <- r })()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { st.h.Watch(ctx, false, nil) })
	defer done.Wait()
	defer cancel()
	for st.h.watchMode() == "off" {
		time.Sleep(time.Millisecond)
	}
	for i := 2; i < 5; i++ {
		st.write("main.lua", fmt.Sprintf(`require "t".on("x", function() return %d end)`, i))
		select {
		case r := <-reports:
			if r.Result != ReloadOK {
				t.Fatal(r.Text(false))
			}
		case <-time.After(patience):
			t.Fatal("no reload")
		}
		st.want(s, "x", fmt.Sprint(i))
	}
	st.write("main.lua", "x = = 1")
	if r := <-reports; r.Result != ReloadRejected {
		t.Error(r.Line())
	}
	st.want(s, "x", "4")
}

// A reload whose functions raise errors is taken back, if that was asked for; one that does well stays.
func TestAutoRollback(t *testing.T) {
	st := newStage(t, map[string]string{
		"main.lua": `local t, m, reload = require "t", require "m", require "reload"
			t.on("x", function() return select(2, pcall(m.f)) end)
			t.on("fine", function() return m.other() end)
			local seen = reload.state("seen", {})
			reload.on(function(e) seen[#seen + 1] = e.type end)
			t.on("seen", function() return table.concat(seen, " ") end)`,
		"m.lua": `return {f = function() return 1 end, other = function() return "fine" end}`})
	st.h.compiler.CountCalls()
	st.h.options.rollback = AutoRollback{Rate: 0.2, Calls: 10, Time: time.Minute}
	reports := make(chan *Reload, 10)
	defer st.h.OnReload(func(r *Reload) { reports <- r })()
	s := st.start("main.lua")
	st.write("m.lua", `return {f = function() return 2 end, other = function() return "fine" end}`)
	st.ok()
	<-reports
	for range 50 {
		st.want(s, "x", "2")
	}
	st.write("m.lua", "return {f = function() local x = nil + 1 return 3 end, other = function() return 'fine' end}")
	st.ok()
	<-reports
	for range 50 { // calls of functions that have not changed do not count
		st.want(s, "fine", "fine")
	}
	for range 2 {
		if got := st.ask(s, "x"); !strings.Contains(got, "attempt to perform arithmetic") {
			t.Errorf("x answered %q", got)
		}
	}
	if g := st.h.Generation(); g != 3 {
		t.Errorf("generation %d after two errors", g)
	}
	st.ask(s, "x")
	r := <-reports
	if r.Result != ReloadOK || !r.Auto() || r.Generation != 4 || r.Cause != "of 3 calls of functions that gen 3 changed, 3 ended with an error" {
		t.Errorf("%+v", r)
	}
	if text := r.Text(false); !strings.Contains(text, "auto rollback gen 4 ok: m (1 function) in 1 service, ") {
		t.Errorf("%s", text)
	}
	st.want(s, "x", "2")
	st.want(s, "seen", "reload.start reload.ok reload.start reload.ok reload.start reload.rolled_back")
	if r := st.reload(ReloadOptions{auto: true}); r.Result != ReloadUnchanged {
		t.Errorf("what was taken back came again: %s", r.Line())
	}
}

// The errors of a task that nothing catches count too, and the time after which a reload is judged.
func TestAutoRollbackAfterTime(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": `require "t".on("x", function() return 1 end)`})
	st.h.compiler.CountCalls()
	st.h.options.rollback = AutoRollback{Rate: 0.5, Calls: 1000, Time: time.Hour}
	reports := make(chan *Reload, 10)
	defer st.h.OnReload(func(r *Reload) { reports <- r })()
	s := st.start("main.lua")
	st.write("main.lua", `require "t".on("x", function() error "bad" end)`)
	st.ok()
	<-reports
	st.h.Post(s, Message{Type: TypeLua, Value: &ask{"x", make(chan string, 1)}})
	st.h.Service(s).Post(func(s *Service) { s.code.probation.timer.Reset(0) }) // an hour has passed
	if r := <-reports; !r.Auto() || !strings.HasSuffix(r.Cause, "main.lua:1: bad") {
		t.Errorf("%+v", r)
	}
	st.want(s, "x", "1")
	for _, a := range []AutoRollback{{Rate: -1}, {Rate: 1, Calls: 1, Time: 1}, {Rate: 0.5, Time: 1}, {Rate: 0.5, Calls: 1}} {
		if _, err := New(WithAutoRollback(a)); err == nil {
			t.Errorf("%+v was taken", a)
		}
	}
}

// Whoever reads of a reload, in the log or what stands in its place, finds it counted by those who listen.
func TestOnReloadBeforeTheLog(t *testing.T) {
	st := newStage(t, map[string]string{"main.lua": `return 1`})
	told := false
	st.h.options.onReload = func(*Reload) {
		if !told {
			t.Error("the log came first")
		}
	}
	defer st.h.OnReload(func(*Reload) { told = true })()
	st.start("main.lua")
	st.write("main.lua", `return 2`)
	if _, err := st.h.Reload(context.Background(), ReloadOptions{}); err != nil || !told {
		t.Errorf("told %v, %v", told, err)
	}
}
