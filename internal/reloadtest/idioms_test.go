package reloadtest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/luahost/luahost/host"
)

// What programs do at load time and with functions, in a line each: the old module, what the program did with it, the new
// module, and what M.f gives then. Nothing is to be reported.
func TestIdioms(t *testing.T) {
	for _, test := range []struct{ name, old, run, new, want string }{
		{"global or", `Room = Room or {n = 0} function Room.f() Room.n = Room.n + 1 return "old", Room.n end return Room`, `m.f()`, `Room = Room or {n = 0} function Room.f() Room.n = Room.n + 1 return "new", Room.n end return Room`, "new 2"},
		{"package.loaded or", `local M = package.loaded[...] or {n = 0} function M.f() M.n = M.n + 1 return "old", M.n end return M`, `m.f()`, `local M = package.loaded[...] or {n = 0} function M.f() M.n = M.n + 1 return "new", M.n end return M`, "new 2"},
		{"env module", `local M = {} local _ENV = setmetatable(M, {__index = _ENV}) n = 0 function f() n = n + 1 return "old", n end return M`, `m.f()`, `local M = {} local _ENV = setmetatable(M, {__index = _ENV}) n = 0 function f() n = n + 1 return "new", n end return M`, "new 2"},
		{"shadowed locals", `local x = 1 local function a() x = x + 1 return x end local x = 10 local function b() x = x + 1 return x end return {f = function() return a(), b() end}`, `m.f()`,
			`local x = 1 local function a() x = x + 1 return x end local x = 10 local function b() x = x + 1 return x end return {f = function() return a(), b(), "new" end}`, "3 12 new"},
		{"closures of a loop", `local M = {} for i = 1, 3 do M[i] = function() return i, "old" end end M.f = function() return M[1](), M[3]() end return M`, `k = m[2]`,
			`local M = {} for i = 1, 3 do M[i] = function() return i * 10, "new" end end M.f = function() return k(), M[1](), M[3]() end return M`, "20 10 30 new"},
		{"recursion", `local function fact(n) if n < 2 then return 1 end return n * fact(n - 1) end return {f = function() return fact(5) end}`, `held = m.f`,
			`local function fact(n) if n < 2 then return 2 end return n * fact(n - 1) end return {f = function() return fact(5) end}`, "240"},
		{"mutual recursion", `local even local function odd(n) if n == 0 then return "odd" end return even(n - 1) end function even(n) if n == 0 then return "even" end return odd(n - 1) end return {f = function() return even(7) end}`, `m.f()`,
			`local even local function odd(n) if n == 0 then return "ODD" end return even(n - 1) end function even(n) if n == 0 then return "EVEN" end return odd(n - 1) end return {f = function() return even(7), odd(7) end}`, "ODD EVEN"},
		{"method cache", `local C = {} C.__index = C function C:get() return self.v, "old" end return {new = function(v) return setmetatable({v = v}, C) end, f = function() end}`, `o = m.new(5) get = o.get cache = setmetatable({}, {__index = function(t, k) local f = o[k] t[k] = f return f end}) local _ = cache.get`,
			`local C = {} C.__index = C function C:get() return self.v + 1, "new" end return {new = function(v) return setmetatable({v = v}, C) end, f = function() return get(o), cache.get(o) end}`, "6 6 new"},
		{"nan and inf", `local M = {n = 0/0, i = 1/0} function M.f() return M.n ~= M.n, M.i end return M`, ``, `local M = {n = 0/0, i = 1/0} function M.f() return M.n ~= M.n, M.i, 1 end return M`, "true +Inf 1"},
		{"false to true", `local M = {on = false} function M.f() return M.on end return M`, ``, `local M = {on = true} function M.f() return M.on end return M`, "true"},
		{"nil to value", `local x local M = {} function M.f() return x end return M`, ``, `local x = 5 local M = {} function M.f() return x end return M`, "5"},
		{"value to nil", `local x = 5 local M = {} function M.f() return x end return M`, ``, `local x local M = {} function M.f() return tostring(x) end return M`, "nil"},
		{"function to table", `local M = {h = function() return "old" end} function M.f() return M.h() end return M`, ``, `local M = {h = {v = "new"}} function M.f() return M.h.v end return M`, "new"},
		{"constant in function", `local M = {} function M.f() return 5 end return M`, ``, `local M = {} function M.f() return 6 end return M`, "6"},
		{"enum", `local E = {A = 1, B = 2, C = 3} local M = {E = E, s = {}} function M.f() return E.A, E.B, E.C, E.D end return M`, `m.s.kind = m.E.B`, `local E = {A = 1, X = 2, B = 3, D = 4} local M = {E = E, s = {}} function M.f() return E.A, E.B, tostring(E.C), E.D end return M`, "1 3 nil 4"},
		{"factory made at load grows", `local function mk() local n = 0 return {inc = function() n = n + 1 return n end} end local M = {c = mk()} function M.f() return M.c.inc() end return M`, `m.f()`,
			`local function mk() local n = 0 return {inc = function() n = n + 10 return n end, get = function() return n end} end local M = {c = mk()} function M.f() return M.c.inc(), M.c.get() end return M`, "11 11"},
		{"open file", `local file = io.tmpfile() file:write "old" local M = {} function M.f() file:seek("set") return file:read "a" end return M`, ``, `local file = io.tmpfile() file:write "old" local M = {} function M.f() file:seek("set") return file:read "a", "new" end return M`, "old new"},
		{"memoised", `local cache = {} local M = {} function M.f(n) cache[n or 1] = cache[n or 1] or {"old"} return cache[n or 1][1] end return M`, `m.f()`, `local cache = {} local M = {} function M.f(n) cache[n or 1] = cache[n or 1] or {"new"} return cache[n or 1][1], cache[2] == nil end return M`, "old true"},
		{"string buffer methods", `local M = {} function M:f() return self.x end M.x = "old" return M`, ``, `local M = {} function M.f() return M.x end M.x = "new" return M`, "new"},
		{"swap two functions", `local M = {} function M.a() return "a" end function M.b() return "b" end function M.f() return M.a(), M.b() end return M`, `ra, rb = m.a, m.b`, `local M = {} function M.b() return "b2" end function M.a() return "a2" end function M.f() return M.a(), M.b(), ra == M.a, rb == M.b end return M`, "a2 b2 true true"},
		{"anonymous list of handlers", `local M = {} local hs = {} local function add(f) hs[#hs + 1] = f end add(function() return 1 end) add(function() return 2 end) function M.f() local r = {} for i, h in ipairs(hs) do r[i] = h() end return table.concat(r, ",") end return M`, ``,
			`local M = {} local hs = {} local function add(f) hs[#hs + 1] = f end add(function() return 10 end) add(function() return 2 end) add(function() return 3 end) function M.f() local r = {} for i, h in ipairs(hs) do r[i] = h() end return table.concat(r, ",") end return M`, "10,2,3"},
		{"self reference", `local M = {} M.M = M M.list = {M} function M.f() return M.M == M, M.list[1] == M end return M`, ``, `local M = {} M.M = M M.list = {M, M} function M.f() return M.M == M, M.list[1] == M, M.list[2] == M end return M`, "true true true"},
		{"key by function", `local M = {} local t = {} function M.a() return "a" end t[M.a] = 1 function M.f() return t[M.a] end return M`, ``, `local M = {} local t = {} function M.a() return "a2" end t[M.a] = 2 function M.f() local n = 0 for _ in pairs(t) do n = n + 1 end return t[M.a], n end return M`, "2 1"},
		{"proxy class", `local M = setmetatable({}, {__index = function(_, k) return "dyn " .. k end}) function M.f() return M.zzz end return M`, ``, `local M = setmetatable({}, {__index = function(_, k) return "dyn2 " .. k end}) function M.f() return M.zzz end return M`, "dyn2 zzz"},
		{"readonly table", `local M = setmetatable({}, {__newindex = function() error "read only" end}) rawset(M, "f", function() return 1 end) return M`, ``, `local M = setmetatable({}, {__newindex = function() error "read only" end}) rawset(M, "f", function() return 2 end) rawset(M, "g", 1) return M`, "2"},
		{"state wins over deep edit", `local M = {s = {players = {}, max = 5}} function M.f() return M.s.players.bob, M.s.max end return M`, `m.s.players.bob = "hi"`, `local M = {s = {players = {}, max = 8}} function M.f() return M.s.players.bob, M.s.max end return M`, "hi 8"},
		{"table.sort comparator", `local M = {} local function cmp(a, b) return a < b end function M.f() local t = {2, 3, 1} table.sort(t, cmp) return t[1] end return M`, ``, `local M = {} local function cmp(a, b) return a > b end function M.f() local t = {2, 3, 1} table.sort(t, cmp) return t[1] end return M`, "3"},
		{"builtin captured", `local say, M = tostring, {} function M.f() return say(1) end return M`, ``, `local say, M = type, {} function M.f() return say(1) end return M`, "number"},
		{"coroutine at load", `local M = {} local co = coroutine.wrap(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end) co() function M.f() return co() end return M`, `m.f()`, `local M = {} local co = coroutine.wrap(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end) co() function M.f() return co(), "new" end return M`, "3 new"},
		{"two names one function", `local M = {} function M.a() return "a" end M.b = M.a function M.f() return M.b() end return M`, `h = m.b`, `local M = {} function M.a() return "A" end M.b = M.a function M.f() return M.b(), M.a == M.b, h == M.a, h() end return M`, "A true true A"},
		{"alias moves", `local M = {} function M.a() return "a" end function M.c() return "c" end M.b = M.a function M.f() return M.b() end return M`, ``, `local M = {} function M.a() return "a" end function M.c() return "c" end M.b = M.c function M.f() return M.b() end return M`, "c"},
		{"wrapped functions", `local M = {} local function wrap(f) return function(...) return "w", f(...) end end M.f = wrap(function() return "old" end) return M`, `h = m.f`, `local M = {} local function wrap(f) return function(...) return "W", f(...) end end M.f = wrap(function() return "new" end) return M`, "W new"},
		{"partially applied", `local M = {} local function bind(f, a) return function(...) return f(a, ...) end end local function add(a, b) return a + b end M.add5 = bind(add, 5) function M.f() return M.add5(1) end return M`, `h = m.add5`, `local M = {} local function bind(f, a) return function(...) return f(a, ...) end end local function add(a, b) return (a + b) * 100 end M.add5 = bind(add, 5) function M.f() return M.add5(1), h(1) end return M`, "600 600"},
		{"bound argument edited", `local M = {} local function bind(a) return function() return a end end M.f = bind(5) return M`, `h = m.f`, `local M = {} local function bind(a) return function() return a end end M.f = bind(6) return M`, "6"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.run() ` + test.run + ` end function on.x() return m.f() end`, "m.lua": test.old})
			s := l.start("main.lua")
			l.call(s, "run")
			l.write("m.lua", test.new)
			l.ok()
			l.want(s, test.want, "x")
		})
	}
}

// Files that new code requires and that were not loaded before: broken, then good; from then on they are reloaded too.
func TestNewDependencies(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.f() end`, "m.lua": `return {f = function() return 1 end}`})
	s := l.start("main.lua")
	l.write("n.lua", "return {\n v = = 5}")
	l.write("m.lua", `local n = require "n" return {f = function() return n.v end}`)
	l.rejected("n.lua:2: unexpected symbol near '='\n    2 |  v = = 5}\n")
	l.want(s, "1", "x")
	l.write("n.lua", "return {v = 5}")
	l.ok()
	l.want(s, "5", "x")
	l.write("n.lua", "return {v = 6}")
	l.ok()
	l.want(s, "6", "x")
	l.write("m.lua", `return {f = function() return 7 end}`)
	l.ok()
	l.want(s, "7", "x")
	l.write("n.lua", "return {v = 6, w = 2}")
	l.ok()
	l.want(s, "7", "x")
	l.write("m.lua", `local n = require "sub.deep" return {f = function() return n end}`)
	l.rejected("module 'sub.deep' not found")
	l.write("sub/deep.lua", "return 'deep'")
	l.ok()
	l.want(s, "deep", "x")
	if err := os.Remove(l.path("n.lua")); err != nil {
		t.Fatal(err)
	}
	if r := l.reload(host.ReloadOptions{}); r.Result != host.ReloadUnchanged {
		t.Error(r.Text(false))
	}
}

// Modules that functions require when they run, and a module that the program has dropped from package.loaded.
func TestLazyRequire(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `function on.x() return require("m").f() end function on.drop() package.loaded.m = nil end`, "m.lua": `return {f = function() return require("n").v end}`, "n.lua": "return {v = 1}"})
	s := l.start("main.lua")
	l.want(s, "1", "x")
	l.write("n.lua", "return {v = 2}")
	l.ok()
	l.want(s, "2", "x")
	l.call(s, "drop")
	l.want(s, "2", "x")
	l.write("m.lua", `return {f = function() return require("n").v * 10 end}`)
	l.ok()
	l.want(s, "20", "x")
	l.call(s, "drop")
	l.write("m.lua", `return {f = function() return require("n").v * 100 end}`)
	l.ok()
	l.want(s, "200", "x")
}

// Modules that require each other.
func TestCycleOfModules(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local a = require "a" function on.x() return a.f(), a.g() end`,
		"a.lua": `local A = {} package.loaded[...] = A local B = require "b" function A.f() return 1 end function A.g() return B.f() end return A`,
		"b.lua": `local B = {} package.loaded[...] = B local A = require "a" function B.f() return 2 + A.f() end return B`})
	s := l.start("main.lua")
	l.want(s, "1 3", "x")
	l.write("b.lua", `local B = {} package.loaded[...] = B local A = require "a" function B.f() return 20 + A.f() end return B`)
	l.ok()
	l.want(s, "1 21", "x")
	l.write("a.lua", `local A = {} package.loaded[...] = A local B = require "b" function A.f() return 5 end function A.g() return B.f() end return A`)
	l.write("b.lua", `local B = {} package.loaded[...] = B local A = require "a" function B.f() return 30 + A.f() end return B`)
	if r := l.ok(); r.Generation != 3 {
		t.Error(r.Generation)
	}
	l.want(s, "5 35", "x")
}

// Handlers set in the start function change; its other statements take effect at a restart, and that is told.
func TestStartBodyChange(t *testing.T) {
	src := `local skynet = require "skynet"
	skynet.start(function()
		%s
		skynet.dispatch("lua", function() skynet.ret(skynet.pack(%q)) end)
	end)`
	l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(src, "", "old")})
	s := l.start("main.lua")
	l.want(s, "old")
	l.write("main.lua", fmt.Sprintf(src, "", "new"))
	l.ok()
	l.want(s, "new")
	l.write("main.lua", fmt.Sprintf(src, "skynet.error 'again'", "newer"))
	l.ok("the start function has changed")
	l.want(s, "newer")
}

// Names, protocols and handlers that are set at load time.
func TestRegistrationsAtLoad(t *testing.T) {
	src := `local skynet = require "skynet" require "skynet.manager"
	skynet.register ".me"
	skynet.register_protocol {name = "text", id = skynet.PTYPE_TEXT, pack = function(s) return s end, unpack = skynet.tostring, dispatch = function() end}
	skynet.dispatch("lua", function() skynet.ret(skynet.pack(%q, skynet.localname ".me" == skynet.self())) end)
	skynet.start(function() end)`
	l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(src, "old")})
	s := l.start("main.lua")
	l.want(s, "old true")
	l.write("main.lua", fmt.Sprintf(src, "new"))
	l.ok()
	l.want(s, "new true")
}

// The script of a snax service, which is loaded by loadfile with globals of its own.
func TestSnax(t *testing.T) {
	src := `local n = 0
	function response.get() n = n + 1 return n, %q end
	function accept.add(k) n = n + k %s end
	function init(...) n = 100 end
	function exit() end`
	l := newLab(t, map[string]string{"main.lua": command + `local snax = require "skynet.snax" local o
		function on.begin() o = snax.newservice "thing" end function on.x() return o.req.get() end function on.add(k) o.post.add(k) end`,
		"thing.lua": fmt.Sprintf(src, "old", "")}, host.WithEnv("snax", "?.lua"))
	t.Chdir(l.dir)
	s := l.start("main.lua")
	l.call(s, "begin")
	l.want(s, "101 old", "x")
	l.write("thing.lua", fmt.Sprintf(src, "new", "n = n + 1000"))
	l.ok()
	l.call(s, "add", 1)
	l.want(s, "1103 new", "x") // a call behind a post: the order is kept
}

// Files that dofile brings at load time: data, and functions.
func TestDofile(t *testing.T) {
	l := newLab(t, map[string]string{"cfg.lua": `return {limit = 1}`, "helpers.lua": `function helper() return "old" end`})
	l.write("main.lua", command+fmt.Sprintf(`local cfg = dofile(%q) dofile(%q) local LIMIT = cfg.limit local h = helper function on.x() return cfg.limit, LIMIT, helper(), h() end`, l.path("cfg.lua"), l.path("helpers.lua")))
	s := l.start("main.lua")
	l.want(s, "1 1 old old", "x")
	l.write("cfg.lua", `return {limit = 2}`)
	l.ok()
	l.want(s, "2 2 old old", "x")
	l.write("helpers.lua", `function helper() return "new" end`)
	l.ok()
	l.want(s, "2 2 new new", "x")
}

// A module that forbids globals which were not declared.
func TestStrictGlobals(t *testing.T) {
	l := newLab(t, map[string]string{"strict.lua": `setmetatable(_G, {__newindex = function(_, k) error("global " .. k, 2) end, __index = function(_, k) error("undefined " .. k, 2) end})`,
		"main.lua": command + `require "strict" local m = require "m" function on.x() return m.f() end`, "m.lua": `return {f = function() return 1 end}`})
	s := l.start("main.lua")
	l.write("m.lua", `return {f = function() return 2 end}`)
	l.ok()
	l.want(s, "2", "x")
	l.write("m.lua", `gl = 1 return {f = function() return 2 end}`)
	l.rejected("m.lua:1: global gl")
	l.write("strict.lua", "-- moved\n"+`setmetatable(_G, {__newindex = function(_, k) error("Global " .. k, 2) end, __index = function(_, k) error("undefined " .. k, 2) end})`)
	l.write("m.lua", `return {f = function() return 3 end}`)
	l.ok()
	l.want(s, "3", "x")
}

// A file of global functions and data.
func TestManyGlobals(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `require "m" function on.x() return helper(), CONF.a, COUNT end function on.inc() COUNT = COUNT + 1 end`,
		"m.lua": `function helper() return "old" end CONF = {a = 1} COUNT = 0`})
	s := l.start("main.lua")
	l.call(s, "inc")
	l.write("m.lua", `function helper() return "new" end CONF = {a = 2} COUNT = 0`)
	l.ok()
	l.want(s, "new 2 1", "x")
	l.write("m.lua", strings.Repeat("\n", 5)+`function helper() return "newer" end CONF = {a = 3} COUNT = 0 OTHER = 1`)
	l.ok()
	l.want(s, "newer 3 1", "x")
}

// Whatever goes wrong while new code loads, the report names the file, and the old code stays.
func TestErrorsOfLoading(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.f() end`, "m.lua": `return {f = function() return 1 end}`})
	s := l.start("main.lua")
	for code, want := range map[string]string{
		`error "oops"`:             "m.lua:1: oops",
		`error({code = 5})`:        "m.lua: (error object is a table value)",
		`error()`:                  "m.lua: (error object is a nil value)",
		`error("no position", 0)`:  "m.lua: no position",
		`os.exit(1)`:               "m.lua:1: os.exit is not possible at load time during a reload",
		`require("skynet").exit()`: "m.lua:1: skynet.exit is not possible at load time during a reload",
		`coroutine.yield()`:        "m.lua: attempt to yield",
		`local x = nil .. "a"`:     "m.lua:1: attempt to concatenate a nil value",
		`error(setmetatable({}, {__tostring = function() return "custom" end}))`: "m.lua: custom",
		`require "other.thing"`: "m.lua: module 'other.thing' not found",
	} {
		l.write("m.lua", code)
		l.rejected(want)
		l.want(s, "1", "x")
	}
}
