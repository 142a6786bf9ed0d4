package reloadtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
)

// Byte order marks, first lines for the shell, line ends of Windows.
func TestFileForms(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.v, m.f() end`,
		"m.lua": "#!/usr/bin/env lua\nreturn {v = 1, f = function() return 'old' end}"})
	s := l.start("main.lua")
	l.want(s, "1 old", "x")
	for i, text := range []string{
		"\ufeffreturn {v = 2, f = function() return 'bom' end}",
		"\ufeff#!/usr/bin/lua\r\nreturn {v = 3,\r\n f = function() return 'crlf' end}\r\n",
		"return {v = 4, f = function() return 'no end of line' end}",
		"#!shebang\nreturn {v = 5, f = function() return 'shebang' end}",
	} {
		l.write("m.lua", text)
		l.ok()
		if got := l.call(s, "x"); !strings.HasPrefix(got, fmt.Sprint(i+2)) {
			t.Errorf("%q: %s", text, got)
		}
	}
	l.write("main.lua", "\ufeff"+command+`local m = require "m" function on.x() return "bom", m.f() end`)
	l.ok()
	l.want(s, "bom shebang", "x")
}

// Two coroutines wait in the same factory frame, at the same depth.
func TestTwoCoroutinesOneFactory(t *testing.T) {
	src := `local M = {} function M.run(n) local v = n
		local function get() return v, %q end
		while true do coroutine.yield(get()) v = v + 1 end end return M`
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m"
		local a, b = coroutine.wrap(m.run), coroutine.wrap(m.run) a(10) b(20)
		function on.x() local x, p = a() local y, q = b() return x, y, p, q end`, "m.lua": fmt.Sprintf(src, "old")})
	s := l.start("main.lua")
	l.want(s, "11 21 old old", "x")
	l.write("m.lua", fmt.Sprintf(src, "new"))
	l.ok()
	l.want(s, "12 22 new new", "x")
}

const class = `local C = {} C.__index = C
function C:extend(name) local k = {} for f, v in pairs(self) do if f:sub(1, 2) == "__" then k[f] = v end end
	k.__index = k k.super = self k.name = name return setmetatable(k, self) end
function C:new(...) local o = setmetatable({}, self) o:init(...) return o end
function C:init() end
C.__call = function(self, ...) return self:new(...) end
return C`

// A class library in the style of classic and middleclass, with inheritance over files.
func TestClassLibrary(t *testing.T) {
	l := newLab(t, map[string]string{
		"class.lua":  class,
		"animal.lua": `local A = require "class":extend "Animal" function A:init(n) self.n = n end function A:speak() return self.n .. " ..." end function A.__tostring(self) return "animal " .. self.n end return A`,
		"dog.lua":    `local D = require "animal":extend "Dog" function D:speak() return D.super.speak(self) .. " wuff" end return D`,
		"main.lua": command + `local Dog = require "dog" local rex = Dog:new "rex" local speak = rex.speak
		function on.x() return rex:speak(), speak(rex), tostring(rex), rex.walk and rex:walk() or "-", getmetatable(rex) == require "dog" end`,
	})
	s := l.start("main.lua")
	l.want(s, "rex ... wuff rex ... wuff animal rex - true", "x")
	l.write("animal.lua", `local A = require "class":extend "Animal" function A:init(n) self.n = n end function A:speak() return self.n .. "!" end
		function A:walk() return self.n .. " walks" end function A.__tostring(self) return "beast " .. self.n end return A`)
	l.ok()
	l.want(s, "rex! wuff rex! wuff beast rex rex walks true", "x")
	l.write("class.lua", strings.Replace(class, "function C:init() end", "function C:init() end function C:kind() return 'kind ' .. self.name end", 1))
	l.ok()
	l.write("dog.lua", `local D = require "animal":extend "Dog" function D:speak() return self:kind() .. D.super.speak(self) end return D`)
	l.ok()
	l.want(s, "kind Dogrex! kind Dogrex! beast rex rex walks true", "x")
}

// A class library that copies inherited methods into its subclasses, as middleclass does.
func TestMiddleclassStyle(t *testing.T) {
	lib := `local function include(k, m) for n, f in pairs(m) do k[n] = f end return k end
	local function newclass(name, super) local dict = {} dict.__index = dict
		local k = {name = name, super = super, static = {}, __instanceDict = dict, __declared = {}, subclasses = setmetatable({}, {__mode = "k"})}
		if super then for n, f in pairs(super.__instanceDict) do if n ~= "__index" then dict[n] = f end end super.subclasses[k] = true end
		local function set(k, n, f) k.__declared[n] = f k.__instanceDict[n] = f for sub in pairs(k.subclasses) do if rawget(sub.__declared, n) == nil then set(sub, n, f) end end end
		setmetatable(k, {__index = dict, __newindex = set, __call = function(self, ...) local o = setmetatable({class = self}, self.__instanceDict) if o.initialize then o:initialize(...) end return o end,
			__tostring = function() return "class " .. name end})
		return k end
	return {class = newclass, include = include}`
	l := newLab(t, map[string]string{
		"mc.lua":   lib,
		"base.lua": `local mc = require "mc" local Base = mc.class("Base") function Base:initialize(x) self.x = x end function Base:get() return self.x end return Base`,
		"sub.lua":  `local mc, Base = require "mc", require "base" local Sub = mc.class("Sub", Base) function Sub:twice() return self:get() * 2 end return Sub`,
		"main.lua": command + `local Base, Sub = require "base", require "sub" local b, s = Base(1), Sub(5)
			function on.x() return b:get(), s:get(), s:twice(), s.more and s:more() or "-", s.class == Sub, tostring(Sub) end`,
	})
	s := l.start("main.lua")
	l.want(s, "1 5 10 - true class Sub", "x")
	l.write("base.lua", `local mc = require "mc" local Base = mc.class("Base") function Base:initialize(x) self.x = x end function Base:get() return self.x + 100 end
		function Base:more() return "more " .. self.x end return Base`)
	l.ok()
	l.want(s, "101 105 210 more 5 true class Sub", "x")
	l.write("mc.lua", strings.Replace(lib, `return "class "`, `return "klass "`, 1))
	l.ok()
	l.want(s, "101 105 210 more 5 true klass Sub", "x")
}

// Parameters become variable and the other way round.
func TestVarargsAndTailCalls(t *testing.T) {
	src := `local M = {} function M.sum(...) local n = %d for i = 1, select("#", ...) do n = n + (select(i, ...) or 0) end return n end
	function M.tail(n, ...) if n == 0 then return M.sum(...) end return M.tail(n - 1, %d, ...) end
	function M.swap(a, %s) return %s end return M`
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" local sum, tail, swap = m.sum, m.tail, m.swap
		function on.x() return sum(1, nil, 3), tail(3, 1), swap(1, 2) end`, "m.lua": fmt.Sprintf(src, 0, 1, "b", "b, a")})
	s := l.start("main.lua")
	l.want(s, "4 4 2 1", "x")
	l.write("m.lua", fmt.Sprintf(src, 100, 2, "...", "a, ..."))
	l.ok()
	l.want(s, "104 107 1 2", "x")
}

// A chain of timeouts and a loop in a fork go on, with new code, and are not started twice.
func TestTimersAndForks(t *testing.T) {
	src := command + `local n, log = 0, {}
	local function tick() n = n + 1 log[#log + 1] = %q skynet.timeout(1, tick) end
	local function step() return %q end
	function on.begin() skynet.fork(function() while true do log[#log + 1] = step() skynet.sleep(1) end end) skynet.timeout(1, tick) end
	function on.seen() local r = {} for _, v in ipairs(log) do r[v] = (r[v] or 0) + 1 end return r.t1 or 0, r.t2 or 0, r.s1 or 0, r.s2 or 0, skynet.now() end
	function on.forget() log = {} return skynet.now() end`
	l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(src, "t1", "s1")})
	s := l.start("main.lua")
	l.call(s, "begin")
	var t1, t2, s1, s2, now, began int
	seen := func(until func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !until(); time.Sleep(time.Millisecond) {
			fmt.Sscan(l.call(s, "seen"), &t1, &t2, &s1, &s2, &now)
			if time.Now().After(end) {
				t.Fatalf("%d %d %d %d\n%s", t1, t2, s1, s2, l.out)
			}
		}
	}
	seen(func() bool { return t1 > 0 && s1 > 0 })
	if t2+s2 != 0 {
		t.Errorf("before: %d %d %d %d", t1, t2, s1, s2)
	}
	l.write("main.lua", fmt.Sprintf(src, "t2", "s2"))
	l.ok()
	fmt.Sscan(l.call(s, "forget"), &began)
	seen(func() bool { return t2 > 5 && s2 > 5 && now > began+5 })
	// One chain, and one loop, go round once in a hundredth of a second at most.
	if most := now - began + 2; t1 != 0 || s1 != 0 || t2 > most || s2 > most {
		t.Errorf("after: %d %d %d %d in %d/100 s\n%s", t1, t2, s1, s2, now-began, l.out)
	}
}

// Services of one script see their own arguments when it is loaded again.
func TestSameScriptDifferentArgs(t *testing.T) {
	src := `local skynet = require "skynet" local name, n = ...
	local LIMIT = tonumber(n) * %d
	skynet.start(function() skynet.dispatch("lua", function() skynet.ret(skynet.pack(name, LIMIT)) end) end)`
	l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(src, 1)})
	a, b := l.start("main.lua", "a", "1"), l.start("main.lua", "b", "2")
	l.want(a, "a 1")
	l.want(b, "b 2")
	l.write("main.lua", fmt.Sprintf(src, 10))
	if r := l.ok(); r.Services != 2 {
		t.Errorf("%d services", r.Services)
	}
	l.want(a, "a 10")
	l.want(b, "b 20")
}

// Data deep inside of tables, changed by the program and by the source.
func TestMergeOfNestedData(t *testing.T) {
	src := `local M = {} M.conf = {a = {b = {c = %s, d = 2}}, list = {%s}, flag = %s, nan = 0/0, nothing = nil}
	local deep = {x = {y = {z = %s}}} function M.deep() return deep end return M`
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m"
		function on.set() m.conf.a.b.d = false m.conf.flag = nil m.conf.extra = 1 m.deep().x.y.w = "mine" end
		function on.x() local c = m.conf return c.a.b.c, tostring(c.a.b.d), #c.list, tostring(c.flag), c.nan ~= c.nan, c.extra, m.deep().x.y.z, m.deep().x.y.w end`,
		"m.lua": fmt.Sprintf(src, "1", `"a", {"b"}`, "true", "1")})
	s := l.start("main.lua")
	l.call(s, "set")
	l.want(s, "1 false 2 nil true 1 1 mine", "x")
	l.write("m.lua", fmt.Sprintf(src, "10", `"a", {"b"}, "c"`, "true", "7"))
	l.ok()
	l.want(s, "10 false 3 nil true 1 7 mine", "x")
}

// A hook that fails rejects the reload; what is no function is no hook.
func TestErrorsInHooks(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.v, m.f() end`,
		"m.lua": `return {v = 1, f = function() return "old" end}`})
	s := l.start("main.lua")
	for hook, want := range map[string]string{
		"__reload":                "m.lua:2: no",
		"__check":                 "m.lua:2: no",
		"__version = 2, migrate":  "",
		"__reload = 5, x":         "",
		"__check = {}, x":         "",
		"__migrate = 5, x":        "",
		"__reload = nil, __check": "m.lua:2: no",
	} {
		l.write("m.lua", "return {v = 2, f = function() return 'new' end,\n"+hook+" = function() error 'no' end}")
		if want != "" {
			l.rejected(want)
			l.want(s, "1 old", "x")
		}
	}
	l.write("m.lua", "return {v = 2, f = function() return 'new' end, __version = 3,\n__migrate = {[2] = function(m) m.v = 5 end, [3] = function() error 'third' end}}")
	l.rejected("m.lua:2: third")
	l.want(s, "1 old", "x")
	l.write("m.lua", "return {v = 2, f = function() return 'new' end, __version = 2, __migrate = {[2] = function(m, old) m.v = old.v + 5 end}}")
	l.ok()
	l.want(s, "6 new", "x")
}

// A module of 2000 functions, of which one changes, then all.
func TestLargeModule(t *testing.T) {
	text := func(changed string) string {
		var b strings.Builder
		b.WriteString("local M = {} local state = {}\n")
		for i := range 2000 {
			fmt.Fprintf(&b, "function M.f%d(x) state[%d] = x return x + %d end\n", i, i, i)
		}
		b.WriteString("function M.last() return " + changed + " end\nreturn M\n")
		return b.String()
	}
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.f1999(1), m.last() end`, "m.lua": text("1")})
	s := l.start("main.lua")
	l.want(s, "2000 1", "x")
	l.write("m.lua", text("2"))
	start := time.Now()
	r := l.ok()
	t.Logf("%v, pause %v", time.Since(start), r.Pause)
	l.want(s, "2000 2", "x")
	if len(r.Files[0].Functions) != 1 {
		t.Errorf("%d functions", len(r.Files[0].Functions))
	}
	l.write("m.lua", strings.ReplaceAll(text("3"), "return x +", "return 1 + x +"))
	start = time.Now()
	r = l.ok()
	t.Logf("%v, pause %v", time.Since(start), r.Pause)
	l.want(s, "2001 3", "x")
}

// New code uses variables of the file that old closures did not have.
func TestUpvalueAdditions(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" local f, g = m.f, m.g function on.x() return f(), g() end`,
		"m.lua": `local M = {} function M.f() return 1 end function M.g() return 2 end return M`})
	s := l.start("main.lua")
	l.write("m.lua", `local M = {} local a, b = 10, {n = 5} local function h() b.n = b.n + 1 return b.n end function M.f() return a + h() end function M.g() return b.n end return M`)
	l.ok()
	l.want(s, "16 6", "x")
	l.write("m.lua", `local M = {} local a, b, c = 10, {n = 5}, 1 local function h() c = c + 1 b.n = b.n + c return b.n end function M.f() return a + h() end function M.g() return b.n, c end return M`)
	l.ok()
	l.want(s, "18 8 2", "x")
}

// Functions in tables in tables, and metamethods.
func TestFunctionsInTables(t *testing.T) {
	src := `local M = {handlers = {login = {pre = {function() return %q end}, run = function(x) return x .. %q end}}, meta = setmetatable({}, {__index = function(t, k) return k .. %q end,
		__call = function() return %q end, __eq = function() return true end})} return M`
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" local pre, run, meta = m.handlers.login.pre[1], m.handlers.login.run, m.meta
		function on.x() return pre(), run "x", meta.k, meta() end`, "m.lua": fmt.Sprintf(src, "a", "a", "a", "a")})
	s := l.start("main.lua")
	l.want(s, "a xa ka a", "x")
	l.write("m.lua", fmt.Sprintf(src, "b", "b", "b", "b"))
	l.ok()
	l.want(s, "b xb kb b", "x")
}

// Tasks that wait inside of pcall and of an iterator.
func TestParkedCoroutines(t *testing.T) {
	src := `local skynet = require "skynet" local M = {}
	function M.value() return %q end
	function M.iter() return function(_, i) if i < 5 then skynet.wait("it") return i + 1, %q end end, nil, 0 end
	function M.inpcall() return pcall(function() skynet.wait("pc") return M.value() end) end
	function M.infor() local r = {} for i, v in M.iter() do r[#r + 1] = v end return table.concat(r, ",") end
	return M`
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" local r = {}
		function on.begin() skynet.fork(function() r[1], r[2] = m.inpcall() end) skynet.fork(function() r[3] = m.infor() end) end
		function on.wake(k) skynet.wakeup(k) end
		function on.x() return r[1], r[2], r[3] end`, "m.lua": fmt.Sprintf(src, "old", "o")})
	s := l.start("main.lua")
	l.call(s, "begin")
	l.call(s, "wake", "it")
	l.call(s, "wake", "it")
	l.write("m.lua", fmt.Sprintf(src, "new", "n"))
	l.ok()
	for range 3 {
		l.call(s, "wake", "it")
	}
	l.call(s, "wake", "pc")
	l.call(s, "wake", "pc")
	l.want(s, "true new o,o,o,n,n", "x")
}

// A module may turn into something else if all files that require it are edited too.
func TestTableBecomesFunction(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" m.seen = 1 function on.x() return type(m) end`, "m.lua": `return {}`})
	s := l.start("main.lua")
	l.write("m.lua", `return function() return 5 end`)
	l.rejected("m.lua: the module was a table and is a function now")
	l.want(s, "table", "x")
	l.write("main.lua", command+`local m = require "m" function on.x() return type(m), m() end`)
	l.ok()
	l.want(s, "function 5", "x")
}

// With --restart, services that can't take the new code are ended and started again, with the new code and their arguments.
func TestRestart(t *testing.T) {
	worker := `local skynet = require "skynet" require "skynet.manager" local m = require "m" local a, b = ...
		skynet.start(function() skynet.register ".w" skynet.dispatch("lua", function() skynet.ret(skynet.pack(type(m), a, b)) end) end)`
	l := newLab(t, map[string]string{
		"main.lua": command + `function on.begin() skynet.newservice("w", "x", "y") end function on.x()
			local answer = table.pack(pcall(skynet.call, ".w", "lua")) -- an error while it is being restarted
			if answer[1] then return table.unpack(answer, 2, answer.n) end
			return "none"
		end`,
		"w.lua": worker, "m.lua": `return {__dispose = function() require "skynet".error "disposed" end}`})
	s := l.start("main.lua")
	l.call(s, "begin")
	l.want(s, "table x y", "x")
	l.write("m.lua", `return function() end`)
	l.rejected("restart the services")
	if r := l.reload(host.ReloadOptions{Restart: true, DryRun: true}); r.Result != host.ReloadOK {
		t.Errorf("dry run: %s", r.Text(false))
	}
	l.want(s, "table x y", "x")
	r := l.reload(host.ReloadOptions{Restart: true})
	if r.Result != host.ReloadOK || r.Restarted != 1 || !strings.Contains(r.Line(), "in 1 service (1 restarted)") {
		t.Errorf("%+v", r)
	}
	for end := time.Now().Add(patience); !strings.Contains(l.call(s, "x"), "function") && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	l.want(s, "function x y", "x")
	if !strings.Contains(l.out.String(), "disposed") {
		t.Errorf("no __dispose\n%s", l.out)
	}
}

// With --service, one service has the new code and the others have not, until a reload of all.
func TestReloadOfOneService(t *testing.T) {
	l := newLab(t, map[string]string{"main.lua": command + `local m = require "m" function on.x() return m.f() end`, "m.lua": `return {f = function() return 1 end}`})
	a, b := l.start("main.lua"), l.start("main.lua")
	l.write("m.lua", `return {f = function() return 2 end}`)
	if r := l.reload(host.ReloadOptions{Service: "nobody"}); r.Result != host.ReloadRejected || !strings.Contains(r.Text(false), "no service nobody") {
		t.Errorf("%s", r.Text(false))
	}
	r := l.reload(host.ReloadOptions{Service: b.String()})
	if r.Result != host.ReloadOK || r.Services != 1 {
		t.Errorf("%s", r.Text(false))
	}
	l.want(a, "1", "x")
	l.want(b, "2", "x")
	l.want(l.start("main.lua"), "1", "x")
	if r, err := l.h.Rollback(context.Background(), 0); err != nil || r.Result != host.ReloadOK || r.Services != 1 {
		t.Fatalf("%v %s", err, r.Text(false))
	}
	l.want(b, "1", "x")
	if r := l.reload(host.ReloadOptions{Service: b.String()}); r.Result != host.ReloadOK {
		t.Errorf("%s", r.Text(false))
	}
	if r := l.ok(); r.Services != 2 {
		t.Errorf("%d services", r.Services)
	}
	for _, s := range []host.Handle{a, b, l.start("main.lua")} {
		l.want(s, "2", "x")
	}
	if r := l.reload(host.ReloadOptions{}); r.Result != host.ReloadUnchanged {
		t.Errorf("%s", r.Text(false))
	}
}
