package skynet_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/luahost/luahost/host"
)

func TestNewService(t *testing.T) {
	scripts := map[string]string{
		"args":     `print(SERVICE_NAME, select("#", ...), ...) local skynet = require "skynet" skynet.start(function() end)`,
		"bad":      `error "at load"`,
		"syntax":   "\nx = = 3",
		"failing":  `local skynet = require "skynet" skynet.start(function() local x = nil; x.y = 1 end)`,
		"leaves":   `local skynet = require "skynet" skynet.start(function() skynet.exit() end)`,
		"slow":     `local skynet = require "skynet" skynet.start(function() skynet.sleep(3) print "slow is ready" end)`,
		"stuck":    `local skynet = require "skynet" skynet.start(function() skynet.wait() end)`,
		"plain":    `x = 1`,
		"yielding": `local skynet = require "skynet" print(pcall(skynet.call, skynet.self(), "lua")) skynet.start(function() end)`,
		"main": `
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	print(skynet.address(skynet.self()))
	print(pcall(skynet.newservice, "missing"))
	print(pcall(skynet.newservice, "bad"))
	print(pcall(skynet.newservice, "syntax"))
	print(pcall(skynet.newservice, "failing"))
	print(pcall(skynet.newservice, "leaves"))
	skynet.newservice("args")
	skynet.newservice("args", "two words", 1.5, 10 / 2, "")
	skynet.newservice("args", nil, "x")
	skynet.newservice("args in the name", "x")
	print(pcall(skynet.newservice, "args", true))
	print(pcall(skynet.newservice, "args", {}))
	skynet.newservice "slow"
	print "behind slow"
	skynet.newservice "yielding"
	print(skynet.newservice "plain" ~= nil)
	local stuck = skynet.launch("snlua", "stuck")
	print(skynet.address(stuck), skynet.launch("wheel"))
	skynet.fork(function() print("stuck", pcall(skynet.newservice, "stuck")) end)
	skynet.sleep(1)
	skynet.kill(stuck + 1)
	skynet.sleep(1)
	skynet.abort()
	print "after abort"
end)`}
	check(t, run(t, scripts), `
:00000008
[:00000009] lua loader error : cannot open DIR/missing.lua: No such file or directory
false	call failed
[:0000000a] lua loader error : DIR/bad.lua:1: at load
stack traceback:
	[C]: in function 'error'
	DIR/bad.lua:1: in main chunk
false	call failed
[:0000000b] lua loader error : DIR/syntax.lua:2: unexpected symbol near '='
false	call failed
[:0000000c] init service failed: DIR/failing.lua:1: attempt to index local 'x' (a nil value)
stack traceback:
	DIR/failing.lua:1: in function <DIR/failing.lua:1>
	[C]: in ?
false	call failed
true	nil
args	0
args	4	two	words	1.5	5
args	0
args	4	in	the	name	x
[:00000008] launch: argument 2 is a boolean, not a string
false	call failed
[:00000008] launch: argument 2 is a table, not a string
false	call failed
slow is ready
behind slow
false	attempt to yield from outside a coroutine
true
[:00000008] launch: wheel: what can be launched is snlua NAME, for services in Lua, gate, harbor and logger
:00000015	nil
stuck	false	call failed
after abort
`)
}

func TestUniqueService(t *testing.T) {
	scripts := map[string]string{
		"one":     `local skynet = require "skynet" print("one starts", ...) skynet.start(function() skynet.sleep(2) end)`,
		"failing": `local skynet = require "skynet" skynet.start(function() error("no", 0) end)`,
		"main": `
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	local first
	skynet.fork(function() first = skynet.queryservice "one" print "query done" end)
	local n = 0
	for i = 1, 3 do
		skynet.fork(function()
			local a = skynet.uniqueservice("one", i)
			n = n + 1
		end)
	end
	while n < 3 do skynet.sleep(1) end
	print(n, first == skynet.uniqueservice "one", skynet.uniqueservice(true, "one") == first)
	print(pcall(skynet.uniqueservice, "failing"))
	print(pcall(skynet.queryservice, "failing"))
	skynet.abort()
end)`}
	check(t, run(t, scripts), `
one starts	1
query done
one starts
3	true	false
[:0000000b] init service failed: no
stack traceback:
	[C]: in function 'error'
	DIR/failing.lua:1: in function <DIR/failing.lua:1>
	[C]: in ?
false	call failed
false	call failed
`)
}

// What a service does before its start function, and modules that wait while they are loaded.
func TestInit(t *testing.T) {
	scripts := map[string]string{
		"mod": `
local skynet = require "skynet"
skynet.init(function() print "mod's init" skynet.sleep(1) print "mod's init done" end)
skynet.sleep(2)
print "mod is loaded"
return "MOD"`,
		"early":   `local skynet = require "skynet" skynet.init(function() print "early's init" end) return {}`,
		"failing": `local skynet = require "skynet" skynet.yield() error("not today", 0)`,
		"circle":  `local skynet = require "skynet" skynet.yield() return require "circle"`,
		"main": `
local skynet = require "skynet"
require "early"
skynet.init(function() print "main's init" skynet.yield() end)
skynet.start(function()
	print "start"
	skynet.init(function() print "init at once" end)
	for i = 1, 2 do
		skynet.fork(function() print(i, require "mod") end)
	end
	skynet.fork(function() print(pcall(require, "failing")) end)
	skynet.fork(function() print(pcall(require, "failing")) end)
	skynet.sleep(10)
	print(pcall(require, "circle"))
	print(require "mod")
	skynet.exit()
end)`}
	check(t, run(t, scripts), `
early's init
main's init
start
init at once
false	not today
false	require failing failed
mod is loaded
mod's init
mod's init done
1	MOD
2	MOD
false	DIR/circle.lua:1: circular dependency: module 'circle' is required while it is being loaded
MOD
`)
}

func TestNames(t *testing.T) {
	got := run(t, with(`
skynet.register ".main"
print(skynet.localname ".main" == skynet.self())
skynet.fork(function() print(skynet.call("WORKER", "lua", "echo", "by global name")) end)
print(skynet.send("WORKER", "lua", "forget"))
skynet.yield()
skynet.name("WORKER", w)
skynet.sleep(1)
print(pcall(skynet.register, "12345"))
print(pcall(skynet.register, "averyveryverylongname"))
skynet.kill ".main2"
skynet.name(".w", w)
skynet.kill ".w"
skynet.sleep(1)
print(skynet.localname ".w", pcall(skynet.call, "WORKER2", "text"))
print(skynet.address(10), skynet.address ":0000000a", skynet.harbor(w))
print(skynet.getenv "mode", skynet.getenv "new")
skynet.setenv("new", 5)
print(skynet.getenv "new", type(skynet.getenv "new"))
print(pcall(skynet.setenv, "new", 6))
print(skynet.mqlen(), skynet.endless(), skynet.stat "mqlen", skynet.stat "message" > 0, skynet.stat "cpu" >= 0)
print(skynet.PTYPE_LUA, skynet.PTYPE_RESPONSE, skynet.PTYPE_ERROR)`), host.WithEnv("mode", "test"))
	got, _, _ = strings.Cut(got, "nil\tfalse\tattempt")
	check(t, got, `
true
0
by global name
false	bad argument #1 to 'skynet.register' (a global name can't be a number: 12345)
false	bad argument #1 to 'skynet.register' (a global name has at most 15 bytes: averyveryverylongname)
`)
}

func TestClock(t *testing.T) {
	got := run(t, with(`
local t, h = skynet.now(), skynet.hpc()
skynet.sleep(10)
local passed = skynet.now() - t
print(passed == 10, skynet.hpc() - h == 0.1e9)
print(math.abs(skynet.time() - os.time()) < 5, math.abs(skynet.starttime() - os.time()) < 5, skynet.starttime() % 1)`))
	check(t, got, "true\ttrue\ntrue\ttrue\t0\n")
}

// What Go code gets that starts a service.
func TestStartErrors(t *testing.T) {
	k := newKit(t, map[string]string{
		"syntax":  "\n\nx = = 1",
		"failing": `local skynet = require "skynet" skynet.start(function() error "in start" end)`,
		"bad":     `local x = nil + 1`,
		"good":    `local skynet = require "skynet" skynet.start(function() skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end) end)`,
	})
	for name, want := range map[string]string{
		"missing": "cannot open DIR/missing.lua: No such file or directory",
		"syntax":  "DIR/syntax.lua:3: unexpected symbol near '='",
		"failing": "DIR/failing.lua:1: in start",
		"bad":     "DIR/bad.lua:1: attempt to perform arithmetic on a nil value",
	} {
		_, err := k.start(name)
		var e *host.StartError
		if !errors.Is(err, host.ErrStart) || !errors.As(err, &e) {
			t.Errorf("%s: %v is not a StartError", name, err)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), k.dir+"/", "DIR/"); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if out := k.text(); out != "" {
		t.Errorf("the log has %q", out)
	}
	good, err := k.start("good")
	if err != nil {
		t.Fatal(err)
	}
	r, err := k.Call(context.Background(), good, "a", 1, []any{true})
	if err != nil || len(r) != 3 || r[0] != "a" || r[1] != 1.0 {
		t.Errorf("got %v, %v", r, err)
	}
}
