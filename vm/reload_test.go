package vm

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// world is a state with modules whose sources tests replace.
type world struct {
	t       *testing.T
	s       *State
	out     *strings.Builder
	sources map[string]string
	protos  map[string]*Proto
	gen     int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	out := &strings.Builder{}
	w := &world{t: t, s: testState(out), out: out, sources: map[string]string{}, protos: map[string]*Proto{}, gen: 1}
	g := w.s.Globals()
	function := func(name string, f Func) { g.SetString(name, Function(name, f)) }
	function("setmetatable", func(c *Call) error {
		m, _ := c.Arg(2).AsTable()
		c.State().SetMetatable(c.CheckTable(1), m)
		return c.Return(c.Arg(1))
	})
	function("rawset", func(c *Call) error {
		_ = c.CheckTable(1).Set(c.Arg(2), c.Arg(3))
		return c.Return(c.Arg(1))
	})
	function("insert", func(c *Call) error {
		t := c.CheckTable(1)
		t.SetInt(t.Len()+1, c.Arg(2))
		return nil
	})
	g.SetString("next", NewNext("next", func(c *Call) error {
		k, v, err := c.CheckTable(1).Next(c.Arg(2))
		c.Push(k, v)
		return err
	}).Value())
	function("pairs", func(c *Call) error {
		c.Push(c.State().Globals().GetString("next"), c.Arg(1), Nil())
		return nil
	})
	function("wrap", func(c *Call) error {
		co := c.State().NewThread(c.Arg(1))
		return c.Return(Function("wrap", func(c *Call) error { return c.ResumeThread(co, 1, true) }))
	})
	function("wrap2", func(c *Call) error { // a coroutine that has run to its first yield
		co := c.State().NewThread(c.Arg(1))
		return c.CallThen(func(c *Call) error { return c.Return(co.Value()) }, Function("wrap", func(c *Call) error {
			return c.ResumeThread(co, 1, true)
		}))
	})
	function("yield", func(c *Call) error { return c.Yield(nil, 1) })
	function("require", func(c *Call) error {
		name := c.CheckString(1)
		loaded := c.State().loaded()
		if v := loaded.GetString(name); v.Truthy() {
			return c.Return(v)
		}
		loader := c.State().registryTable("_PRELOAD").GetString(name)
		if loader.IsNil() {
			p, err := w.compile(name)
			if err != nil {
				return err
			}
			loader = c.State().NewFunction(p, g.Value())
		}
		return c.CallThen(func(c *Call) error {
			if !c.Arg(1).IsNil() {
				loaded.SetString(name, c.Arg(1))
			} else if loaded.GetString(name).IsNil() {
				loaded.SetString(name, Bool(true))
			}
			return c.Return(loaded.GetString(name))
		}, loader, String(name), String(name+".lua"))
	})
	return w
}

func (w *world) compile(name string) (*Proto, error) {
	p, err := w.s.Compiler().Compile(w.sources[name], "@"+name+".lua")
	if err == nil {
		w.protos[name] = p
	}
	return p, err
}

func (w *world) source(name, text string) *world {
	w.sources[name] = text
	return w
}

// run runs code that is not reloaded and returns what it printed.
func (w *world) run(code string) string {
	w.t.Helper()
	w.out.Reset()
	f, err := w.s.Load(code, "=test", "t", w.s.Globals().Value())
	if err != nil {
		w.t.Fatal(err)
	}
	th := w.s.NewThread(f)
	if _, outcome := th.Resume(); outcome != Done {
		w.t.Fatalf("%s: %v\n%s", code, th.Failure(), th.Failure().Traceback)
	}
	return strings.TrimSuffix(w.out.String(), "\n")
}

func (w *world) want(code, want string) {
	w.t.Helper()
	if got := w.run(code); got != want {
		w.t.Errorf("%s\nprinted %q, want %q", code, got, want)
	}
}

// reload applies the sources of the named modules, in that order, and keeps them.
func (w *world) reload(names ...string) *Applied {
	w.t.Helper()
	a, err := w.tryReload(ApplyOptions{}, names...)
	if err != nil {
		w.t.Fatal(err)
	}
	report := *a
	a.Keep()
	return &report
}

func (w *world) tryReload(o ApplyOptions, names ...string) (*Applied, error) {
	w.t.Helper()
	var rs []Replacement
	old := map[string]*Proto{}
	for _, n := range names {
		old[n] = w.protos[n]
		p, err := w.compile(n)
		if err != nil {
			w.t.Fatal(err)
		}
		rs = append(rs, Replacement{Module: n, Old: old[n], New: p})
	}
	w.gen++
	o.Generation = w.gen
	a, err := w.s.Apply(NewPatch(rs), o)
	if err != nil {
		for n, p := range old {
			w.protos[n] = p
		}
	}
	return a, err
}

// Scenario: every way to hold a function leads to the new code, and identity is kept.
func TestHeldFunctions(t *testing.T) {
	w := newWorld(t).source("m", `local M = {} function M.f() return "old" end return M`)
	w.run(`m = require "m" f = m.f t = {x = m.f, [m.f] = "key"} co = wrap(function() while true do yield(f()) end end) print(co())`)
	held := w.s.Globals().GetString("f") // by Go
	w.source("m", `local M = {} function M.f() return "new" end return M`).reload("m")
	w.want(`print(f(), t.x(), t[m.f], co(), f == m.f, m == require "m")`, "new\tnew\tkey\tnew\ttrue\ttrue")
	r, err := w.s.Main().Call(held)
	if err != nil || r[0].str() != "new" {
		t.Errorf("the function held by Go gave %v, %v", r, err)
	}
}

// Scenario: two functions share a variable, and go on sharing it.
func TestSharedUpvalue(t *testing.T) {
	w := newWorld(t).source("m", `local n = 0
		return {inc = function() n = n + 1 return n end, get = function() return n end}`)
	w.run(`m = require "m" m.inc() m.inc()`)
	w.source("m", strings.Repeat("-- comment\n", 20)+`local n = 0
		return {inc = function() n = n + 10 return n end, get = function() return n end}`).reload("m")
	w.want(`print(m.inc(), m.get())`, "12\t12")
	if g := w.s.generationOf(w.protos["m"]); g != 2 {
		t.Errorf("generation %d, want 2", g)
	}
}

func TestMergeOfVariables(t *testing.T) {
	for _, test := range []struct{ name, old, run, new, want, conflict string }{
		{"source wins", "10", "", "20", "20", ""},
		{"state wins with a warning", "10", "m.set(15)", "20", "15", "m.lua: local LIMIT was 10, the program made it 15, the new source makes it 20: kept 15"},
		{"state wins", "10", "m.set(15)", "10", "15", ""},
		{"false stays", "true", "m.set(false)", "true", "false", ""},
		{"nil stays", "true", "m.set(nil)", "true", "nil", ""},
		{"same change", "10", "m.set(20)", "20", "20", ""},
		{"table to number", "{1, 2}", "", "7", "7", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := `local LIMIT = %s local M = {} function M.get() return LIMIT end function M.set(v) LIMIT = v end return M`
			w := newWorld(t).source("m", fmt.Sprintf(source, test.old))
			w.run(`m = require "m" ` + test.run)
			a := w.source("m", fmt.Sprintf(source, test.new)).reload("m")
			w.want(`print(m.get())`, test.want)
			var got []string
			for _, c := range a.Conflicts {
				got = append(got, c.String())
			}
			if strings.Join(got, "\n") != test.conflict {
				t.Errorf("conflicts %q, want %q", got, test.conflict)
			}
		})
	}
}

func TestMergeOfFields(t *testing.T) {
	for _, test := range []struct{ name, old, run, new, show, want string }{
		{"added and removed functions", `{a = function() return 1 end, b = function() return 2 end}`, ``,
			`{a = function() return 3 end, c = function() return 4 end}`, `print(m.a(), m.b, m.c())`, "3\tnil\t4"},
		{"nested data", `{conf = {x = 1, y = 2}}`, `m.conf.y = 5 m.conf.z = 6`, `{conf = {x = 9, y = 2, w = 7}}`,
			`print(m.conf.x, m.conf.y, m.conf.z, m.conf.w)`, "9\t5\t6\t7"},
		{"list untouched", `{l = {"a", "b", "c"}}`, ``, `{l = {"a", "c"}}`, `print(#m.l, m.l[1], m.l[2], m.l[3])`, "2\ta\tc\tnil"},
		{"list grown by the program", `{l = {}}`, `insert(m.l, "x")`, `{l = {}, y = 1}`, `print(#m.l, m.l[1], m.y)`, "1\tx\t1"},
		{"shrinking list", `{l = {1, 2, 3}}`, `m.l[3] = nil`, `{l = {1, 2, 3}, z = 1}`, `print(#m.l, m.z)`, "2\t1"},
		{"table replaced by the program", `{p = {}}`, `m.p = {bob = 1}`, `{p = {}, q = 1}`, `print(m.p.bob, m.q)`, "1\t1"},
		{"monkey patch stays", `{f = function() return 1 end}`, `m.f = function() return "patched" end`,
			`{f = function() return 1 end, g = 2}`, `print(m.f(), m.g)`, "patched\t2"},
		{"list of functions", `{l = {function() return 1 end, function() return 2 end}}`, `h = m.l[2]`,
			`{l = {function() return 1 end, function() return 3 end}}`, `print(m.l[1](), m.l[2](), h(), h == m.l[2])`, "1\t3\t3\ttrue"},
		{"deleted field", `{a = 1, b = 2}`, `m.b = 3`, `{}`, `print(m.a, m.b)`, "nil\t3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t).source("m", "return "+test.old)
			w.run(`m = require "m" ` + test.run)
			w.source("m", "return "+test.new).reload("m")
			w.want(test.show, test.want)
		})
	}
}

// Scenario: a parked coroutine finishes its old frame; the functions that it calls are new.
func TestParkedCoroutine(t *testing.T) {
	source := `local M = {} local function step() return %q end
		function M.loop() while true do yield(%q .. step()) end end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, "1", "a"))
	w.run(`m = require "m" co = wrap(m.loop) print(co())`)
	w.source("m", fmt.Sprintf(source, "2", "b")).reload("m")
	w.want(`print(co(), wrap(m.loop)())`, "a2\tb2")
}

// Closures that an old frame makes after the reload have new code.
func TestClosureOfOldFrame(t *testing.T) {
	source := `local M = {} function M.loop() while true do yield(function() return %q end) end end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, "old"))
	w.run(`m = require "m" co = wrap(m.loop) co()`)
	w.source("m", fmt.Sprintf(source, "new")).reload("m")
	w.want(`print(co()())`, "new")
}

// Scenario: instances of a factory keep their own variables.
func TestInstances(t *testing.T) {
	source := `local M = {} function M.mk(n) local function make() return function() n = n + %d return n end end return make() end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, 1))
	w.run(`m = require "m" a, b = m.mk(0), m.mk(100) a() b()`)
	w.source("m", fmt.Sprintf(source, 10)).reload("m")
	w.want(`print(a(), b(), a ~= b, m.mk(5)())`, "11\t111\ttrue\t15")
}

// An instance that lacks a variable keeps its old code and is reported when the module holds it.
func TestStuck(t *testing.T) {
	w := newWorld(t).source("m", `local M = {} local function mk(x, y) return function() return x end end M.f = mk(1, 2) M.mk = mk return M`)
	w.run(`m = require "m" g = m.mk(3, 4)`)
	a := w.source("m", `local M = {} local function mk(x, y) return function() return x + y end end M.f = mk(1, 2) M.mk = mk return M`).reload("m")
	w.want(`print(m.f(), g(), m.mk(3, 4)())`, "1\t3\t7")
	if len(a.Stuck) != 1 || a.Stuck[0].String() != "m.lua:1 needs 'y'" {
		t.Errorf("stuck: %v", a.Stuck)
	}
	w.source("m", `local M = {} local function mk(x, y) return function() return x * 100 end end M.f = mk(1, 2) M.mk = mk return M`).reload("m")
	w.want(`print(m.f(), g(), m.mk(3, 4)())`, "100\t300\t300")
}

// Scenario: a load that fails leaves no trace.
func TestFailedLoadLeavesNoTrace(t *testing.T) {
	w := newWorld(t).
		source("other", `local hidden = 1 return {t = {x = 0}, list = {"a", "b"}, set = function(v) hidden = v end, get = function() return hidden end}`).
		source("m", `return {}`)
	w.run(`math = {sin = 1, cos = 2} Class = setmetatable({}, {__index = {v = 1}}) other = require "other" m = require "m"`)
	snapshot := `print(math.sin, made, other.t.x, #other.list, other.list[1], other.list[3], Class.v, other.get(), require "m" == m, other.t.new, m.x)`
	before := w.run(snapshot)
	w.source("m", `
		made = 1 math.sin = print
		local other = require "other"
		other.t.x = 1 other.t.new = 2
		insert(other.list, "c")
		other.list[1] = "z"
		for i = 1, 50 do other.list[i + 3] = i end
		rawset(other.t, "x", 5)
		setmetatable(Class, {__index = {v = 2}})
		other.set(2)
		require "m2"
		error("broken")`).source("m2", `other.t.x = 7 m.x = 1 return 1`)
	if _, err := w.tryReload(ApplyOptions{}, "m"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Fatalf("error %v", err)
	}
	w.want(snapshot, before)
	if w.run(`print(require "m" == m)`) != "true" {
		t.Error("the module is another one")
	}
}

// Undo gives back everything also after a load that went well.
func TestUndo(t *testing.T) {
	source := `local n = %d local M = {} function M.f() return n, %q end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, 1, "old"))
	w.run(`m = require "m" f = m.f`)
	old := w.protos["m"]
	a, err := w.source("m", fmt.Sprintf(source, 2, "new")).tryReload(ApplyOptions{Hooks: func(a *Applied) error {
		r, err := a.Call(w.s.Globals().GetString("f"))
		if err != nil || Text(r[0]) != "2" || Text(r[1]) != "new" {
			t.Errorf("on trial: %v, %v", r, err)
		}
		return nil
	}}, "m")
	if err != nil {
		t.Fatal(err)
	}
	a.Undo()
	w.protos["m"] = old
	w.want(`print(m.f())`, "1\told")
	w.want(`print(f())`, "1\told")
	w.reload("m")
	w.want(`print(f())`, "2\tnew")
}

// A rollback goes to the very code that was there before; variables that it has again are shared again.
func TestRollback(t *testing.T) {
	first := `local cache = {} local M = {} function M.f(k, v) cache[k] = v return 1 end function M.g(k) return cache[k] end return M`
	second := `local M = {} function M.f() return 2 end function M.g(k) return "none" end return M`
	w := newWorld(t).source("m", first)
	w.run(`m = require "m" g = m.g m.f("a", 1)`)
	for range 3 {
		w.source("m", second).reload("m")
		w.want(`print(m.f(), g())`, "2\tnone")
		w.source("m", first).reload("m")
		w.want(`m.f("k", 5) print(g("k"), m.g("k"), m.f("z"))`, "5\t5\t1")
	}
}

// Code that nobody called for many generations catches up at its next call.
func TestManyGenerations(t *testing.T) {
	source := `local M, n = {}, 0 function M.make() return function() n = n + 1 return n, %d end end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, 0))
	w.run(`m = require "m" f = m.make() t = {f} f()`)
	for i := 1; i <= 30; i++ {
		w.source("m", fmt.Sprintf(source, i)).reload("m")
	}
	w.want(`print(t[1]())`, "2\t30")
	for range 3 {
		runtime.GC()
	}
	w.source("m", fmt.Sprintf(source, 31)).reload("m")
	if n := len(w.s.forwards); n > 4 {
		t.Errorf("%d old units are remembered", n)
	}
}

// Several modules are one change; derived values follow.
func TestDerivedValues(t *testing.T) {
	w := newWorld(t).source("cfg", `return {LIMIT = 10}`).
		source("room", `local cfg = require "cfg" local LIMIT = cfg.LIMIT return {limit = function() return LIMIT, cfg.LIMIT end}`)
	w.run(`room = require "room"`)
	w.source("cfg", `return {LIMIT = 20}`).reload("cfg", "room")
	w.want(`print(room.limit())`, "20\t20")
}

func TestCycle(t *testing.T) {
	a := `local A = {} package_loaded("a", A) local B = require "b" function A.f() return %d end function A.g() return B.f() end return A`
	b := `local B = {} package_loaded("b", B) local A = require "a" function B.f() return %d end function B.g() return A.f() end return B`
	w := newWorld(t).source("a", fmt.Sprintf(a, 1)).source("b", fmt.Sprintf(b, 2))
	w.s.Globals().SetString("package_loaded", Function("package_loaded", func(c *Call) error {
		c.State().loaded().SetString(c.CheckString(1), c.Arg(2))
		return nil
	}))
	w.run(`a = require "a" b = require "b"`)
	w.source("a", fmt.Sprintf(a, 10)).source("b", fmt.Sprintf(b, 20)).reload("a", "b")
	w.want(`print(a.f(), a.g(), b.f(), b.g(), a == require "a")`, "10\t20\t20\t10\ttrue")
}

// Inheritance over files: instances, copied methods and added methods.
func TestClasses(t *testing.T) {
	w := newWorld(t).
		source("animal", `local A = {} A.__index = A function A.new(n) return setmetatable({name = n}, A) end function A:speak() return "..." end return A`).
		source("dog", `local Animal = require "animal" local Dog = setmetatable({}, {__index = Animal}) Dog.__index = Dog
			for k, v in pairs(Animal) do if k ~= "__index" and k ~= "new" then Dog[k] = v end end
			function Dog.new(n) return setmetatable({name = n}, Dog) end function Dog:bark() return "wuff" end return Dog`)
	w.run(`Dog = require "dog" d = Dog.new("rex")`)
	w.source("animal", `local A = {} A.__index = A function A.new(n) return setmetatable({name = n}, A) end
		function A:speak() return self.name .. "!" end function A:walk() return "walks" end return A`).reload("animal", "dog")
	w.want(`print(d:speak(), d:walk(), d:bark(), Dog.speak == require("animal").speak)`, "rex!\twalks\twuff\ttrue")
}

func TestModuleKinds(t *testing.T) {
	w := newWorld(t).source("f", `return function() return 1 end`).source("none", `side = 1`).source("no", `return false`).source("n", `return 5`)
	w.run(`f = require "f" require "none" no = require "no" n = require "n"`)
	w.source("f", `return function() return 2 end`).source("none", `side = 2`).source("no", `return false, 1`).source("n", `return 6`)
	w.reload("f", "none", "no", "n")
	w.want(`print(f(), f == require "f", side, require "no", require "n")`, "2\ttrue\t2\tfalse\t6")
	if _, err := w.source("f", `return {}`).tryReload(ApplyOptions{}, "f"); err == nil || !strings.Contains(err.Error(), "was a function and is a table now") {
		t.Errorf("error %v", err)
	}
}

// What a load does to others happens once, not at every reload.
func TestRegistrationsOfLoad(t *testing.T) {
	hub := `local H = {list = {}, by = {}} function H.add(name, f) insert(H.list, f) H.by[name] = f end return H`
	user := `local hub = require "hub" hub.add("one", function() return %d end) %s counter = (counter or 0) + 1 return {}`
	w := newWorld(t).source("hub", hub).source("user", fmt.Sprintf(user, 1, ""))
	w.run(`hub = require "hub" require "user"`)
	w.source("user", fmt.Sprintf(user, 2, `hub.add("two", function() return 22 end)`)).reload("user")
	w.want(`print(#hub.list, hub.list[1](), hub.list[2](), hub.by.one(), hub.by.two(), counter)`, "2\t2\t22\t2\t22\t1")
	w.source("user", fmt.Sprintf(user, 3, "")).reload("user")
	w.want(`print(hub.list[1](), hub.by.two)`, "3\tnil")
}

// Globals that old code set and new code does not are deleted, unless the program changed them.
func TestGlobals(t *testing.T) {
	w := newWorld(t).source("m", `one = 1 two = 2 three = 3 function g() return 1 end`)
	w.run(`require "m" two = 5 h = g`)
	w.source("m", `three = 33 function g() return 2 end`).reload("m")
	w.want(`print(one, two, three, g(), g == h)`, "nil\t5\t33\t2\ttrue")
}

func TestRenamedAndDuplicateFunctions(t *testing.T) {
	w := newWorld(t).source("m", `local M = {} function M.old(x) return x * 3 + 1 end
		local function helper() return "first" end M.a = helper
		local function helper() return "second" end M.b = helper return M`)
	w.run(`m = require "m" held, a, b = m.old, m.a, m.b`)
	a := w.source("m", `local M = {} function M.new(x) return x * 3 + 1 end
		local function helper() return "first" end M.a = helper
		local function helper() return "2nd" end M.b = helper return M`).reload("m")
	w.want(`print(m.old, m.new(1), held(1), a(), b(), a == m.a, b == m.b)`, "nil\t4\t4\tfirst\t2nd\ttrue\ttrue")
	var kinds []string
	for _, c := range a.patch.Changes(0) {
		kinds = append(kinds, c.Function+" "+string(c.Kind))
	}
	want := "main chunk changed,M.new renamed,helper same,helper changed"
	if got := strings.Join(kinds, ","); got != want {
		t.Errorf("changes %s, want %s", got, want)
	}
}

func TestNoCodeChange(t *testing.T) {
	w := newWorld(t).source("m", `local M = {} function M.f() error_here() end return M`)
	w.run(`m = require "m"`)
	old := w.protos["m"]
	w.source("m", "-- a comment\n\n"+w.sources["m"])
	p, _ := w.compile("m")
	patch := NewPatch([]Replacement{{Module: "m", Old: old, New: p}})
	if !patch.NoCode() {
		t.Fatal("the patch has code")
	}
	w.s.Relocate(patch)
	w.want(`local ok, e = pcall(m.f) print(e)`, "m.lua:3: attempt to call global 'error_here' (a nil value)")
}

// The journal sees every write, whichever instruction or library function does it.
func TestJournalSeesAllWrites(t *testing.T) {
	w := newWorld(t).source("m", `return {}`)
	w.run(`T = {a = 1, n = 0, 10, 20, 30} M = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v) end}) K = {} T[K] = 1
		local up = 1 function setup(v) up = v end function getup() return up end m = require "m"`)
	show := `print(T.a, T.n, T.b, #T, T[1], T[3], T[4], T[K], M.x, getup(), T[2.5], newglobal)`
	before := w.run(show)
	w.source("m", `T.a = "x" T.a = nil T.n = T.n + 1 T.b = {} T[1] = "one" T[#T] = nil T[#T + 1] = "e" T[#T + 1] = "f" T[K] = 2
		M.x = 1 setup(5) T[2.5] = 1 newglobal = 1
		local function deep() T[2] = "two" setup(6) end deep()
		local co = wrap(function() T.a = "co" yield() T[1] = "co" end) co() co()
		setmetatable(T, {__index = T})
		error "undo"`)
	if _, err := w.tryReload(ApplyOptions{}, "m"); err == nil {
		t.Fatal("no error")
	}
	w.want(show, before)
	if w.run(`print(T.nothing)`) != "nil" {
		t.Error("the metatable stayed")
	}
}

// Code on trial can't go on with a coroutine of the program, as that could not be undone.
func TestTrialCannotResume(t *testing.T) {
	w := newWorld(t).source("m", `return {}`)
	w.run(`co = wrap(function() yield(1) yield(2) end) co() require "m"`)
	if _, err := w.source("m", `co() return {}`).tryReload(ApplyOptions{}, "m"); err == nil || !strings.Contains(err.Error(), "cannot resume a coroutine of the running program") {
		t.Errorf("error %v", err)
	}
	w.want(`print(co())`, "2")
}

// Scenario: the census names what runs old code, and nothing after that is gone.
func TestCensus(t *testing.T) {
	w := newWorld(t).source("m", `local M = {}
		function M.loop() while true do yield() end end
		function M.gone() end
		return M`)
	w.run(`m = require "m" co = wrap2(m.loop) held = m.gone`)
	w.source("m", "local M = {}\nfunction M.loop() return 1 end\nreturn M").reload("m")
	c := w.s.Census()
	if len(c.Frames) != 1 || c.Frames[0].Function != "M.loop" || c.Frames[0].Line != 2 || c.Frames[0].Generation != 1 {
		t.Errorf("frames %+v", c.Frames)
	}
	if len(c.Orphans) != 1 || c.Orphans[0].Function != "M.gone" {
		t.Errorf("orphans %+v", c.Orphans)
	}
	w.run(`co = nil held = nil`)
	if c := w.s.Census(); len(c.Frames)+len(c.Orphans)+len(c.Stuck) != 0 {
		t.Errorf("census %+v", c)
	}
}

func TestGlobalsOfChunk(t *testing.T) {
	p, err := NewCompiler().Compile("local M = {}\nfunction M.f() pritn(x)\n y = 1 end\ndo local _ENV = {} z = w end return M", "@m.lua")
	if err != nil {
		t.Fatal(err)
	}
	reads, writes := p.Globals()
	var got []string
	for _, r := range reads {
		got = append(got, fmt.Sprintf("%s:%d:%s", r.Name, r.Line, r.Function))
	}
	if s := strings.Join(got, " "); s != "pritn:2:M.f x:2:M.f" || !writes["y"] {
		t.Errorf("reads %s, writes %v", s, writes)
	}
}

// What old code makes anew at each run is no conflict; the program's value stays.
func TestNondeterministicValues(t *testing.T) {
	source := `local id, LIMIT = random(), %d local M = {} function M.get() return id, LIMIT end function M.set(v) LIMIT = v end return M`
	w := newWorld(t).source("m", fmt.Sprintf(source, 1))
	n := 0
	w.s.Globals().SetString("random", Function("random", func(c *Call) error {
		n++
		return c.Return(Int(n))
	}))
	w.run(`m = require "m" m.set(5)`)
	a := w.source("m", fmt.Sprintf(source, 2)).reload("m")
	w.want(`print(m.get())`, "1\t5")
	if len(a.Conflicts) != 1 || a.Conflicts[0].Name != "local LIMIT" {
		t.Errorf("conflicts %v", a.Conflicts)
	}
}
