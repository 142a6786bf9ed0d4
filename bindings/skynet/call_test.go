package skynet_test

import (
	"strings"
	"testing"
)

// A service that does what it is told.
const worker = `
local skynet = require "skynet"
local command = {}
local held = {}
function command.echo(...) skynet.retpack(...) end
function command.fail() error "oops" end
function command.raise() error(setmetatable({}, { __tostring = function() return "[An Error]" end })) end
function command.exit() skynet.exit() end
function command.forget() end
function command.sleep(ticks, ...) skynet.sleep(ticks) skynet.retpack(...) end
function command.hold() held[#held + 1] = skynet.response() end
function command.twice()
	print("ret", skynet.ret(skynet.pack("one")))
	print("again", pcall(skynet.ret, skynet.pack("two")))
	print("context", skynet.context())
end
function command.later(ticks, ok)
	local r = skynet.response()
	skynet.timeout(ticks, function()
		print("test", r "TEST")
		print("answer", r(ok, "later"))
		print("test", r "TEST")
		print("again", pcall(r, true))
	end)
end
function command.tell(to) skynet.send(to, "lua", "told", skynet.context()) end
function command.ignore(session, source)
	skynet.ignoreret()
	print("no session", pcall(skynet.ret))
end
skynet.start(function()
	skynet.dispatch("lua", function(session, source, cmd, ...) command[cmd](...) end)
end)`

// with makes a main service whose start function is the given code; w is a worker.
func with(code string) map[string]string {
	return map[string]string{"worker": worker, "main": `
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	local w = skynet.newservice "worker"
` + code + `
	skynet.abort()
end)`}
}

func TestCall(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"values", `
print(skynet.call(w, "lua", "echo", 1, nil, "x", false, 1.5, nil))
print(select("#", skynet.call(w, "lua", "echo")))
local t = skynet.call(w, "lua", "echo", { 1, 2, { 3 }, x = { y = true } })
print(#t, t[3][1], t.x.y)`,
			"1\tnil\tx\tfalse\t1.5\tnil\n0\n3\t3\ttrue\n"},
		{"addresses", `
print(skynet.call(skynet.address(w), "lua", "echo", skynet.address(w)))
print(skynet.call(tostring(w), "lua", "echo", "number as text"))
skynet.name(".w", w)
print(skynet.call(".w", "lua", "echo", "name"), skynet.localname ".w" == w, skynet.localname ".none")`,
			":00000009\nnumber as text\nname\ttrue\n"},
		{"nobody there", `
print(pcall(skynet.call, 12345, "lua", "x"))
print(pcall(skynet.call, ".none", "lua", "x"))
print(pcall(skynet.call, ":beef", "lua", "x"))
print(pcall(function() skynet.call(12345, "lua", "x") end))
print(select("#", skynet.send(12345, "lua", "x")), skynet.send(w, "lua", "forget"))`,
			"false\tcall to invalid address :00003039\nfalse\tcall to invalid address .none\nfalse\tcall to invalid address :beef\n" +
				"false\tDIR/main.lua:10: call to invalid address :00003039\n0\t0\n"},
		{"no address", `
print(pcall(skynet.call, 0, "lua"))
print(pcall(skynet.call, nil, "lua"))
print(pcall(skynet.send, {}, "lua"))`,
			"false\tInvalid service address 0\nfalse\tdest address type (nil) must be a string or number.\n" +
				"false\tdest address type (table) must be a string or number.\n"},
		{"remote error", `
print(pcall(function() return skynet.call(w, "lua", "fail") end))
print(skynet.call(w, "lua", "echo", "lives on"))`,
			"[:00000009] lua call [8 to :9 : 3 msgsz = 5] error : \x1b[31mDIR/worker.lua:6: oops\nstack traceback:\n" +
				"\t[C]: in function 'error'\n\tDIR/worker.lua:6: in function '?'\n\tDIR/worker.lua:32: in function <DIR/worker.lua:32>\x1b[0m\n" +
				"false\tDIR/main.lua:7: call failed\nlives on\n"},
		{"error object", `print(pcall(skynet.call, w, "lua", "raise"))`,
			"[:00000009] lua call [8 to :9 : 3 msgsz = 6] error : \x1b[31m[An Error]\nstack traceback:\n" +
				"\t[C]: in function 'error'\n\tDIR/worker.lua:7: in function '?'\n\tDIR/worker.lua:32: in function <DIR/worker.lua:32>\x1b[0m\n" +
				"false\tcall failed\n"},
		{"peer exits", `
skynet.fork(function() print("sleeping", pcall(skynet.call, w, "lua", "sleep", 1000)) end)
skynet.fork(function() print("held", pcall(skynet.call, w, "lua", "hold")) end)
skynet.yield()
print("asked", pcall(skynet.call, w, "lua", "exit"))
skynet.yield()
print(pcall(skynet.call, w, "lua", "echo"))`,
			"asked\tfalse\tcall failed\nsleeping\tfalse\tcall failed\nheld\tfalse\tcall failed\nfalse\tcall to invalid address :00000009\n"},
		{"peer killed", `
skynet.fork(function() print("sleeping", pcall(skynet.call, w, "lua", "sleep", 1000)) end)
skynet.yield()
skynet.kill(w)
print("dead", skynet.send(w, "lua", "echo"))
skynet.sleep(1)
skynet.kill(skynet.address(w))
skynet.kill(4711)`,
			"dead\nsleeping\tfalse\tcall failed\n"},
		{"term", `
skynet.fork(function() print(pcall(skynet.call, w, "lua", "sleep", 1000)) end)
skynet.yield()
skynet.term(w)
skynet.yield()
print(skynet.call(w, "lua", "echo", "alive"))`,
			"false\tcall failed\nalive\n"},
		{"answers", `
print(skynet.call(w, "lua", "twice"))
print(skynet.send(w, "lua", "twice"))
skynet.sleep(1)`,
			"ret\ttrue\nagain\tfalse\tNo session\ncontext\tnil\t8\none\n0\nret\tfalse\nagain\tfalse\tNo session\ncontext\tnil\t8\n"},
		{"responses", `
print(skynet.call(w, "lua", "later", 1, true))
print(pcall(skynet.call, w, "lua", "later", 1, false))
skynet.send(w, "lua", "later", 1, true)
skynet.sleep(5)`,
			"test\ttrue\nanswer\ttrue\ntest\tfalse\nagain\tfalse\tCan't response more than once\nlater\n" +
				"test\ttrue\nanswer\ttrue\ntest\tfalse\nagain\tfalse\tCan't response more than once\nfalse\tcall failed\n" +
				"test\nanswer\ntest\nagain\ttrue\n"},
		{"forgotten", `
skynet.fork(function() skynet.call(w, "lua", "forget") end)
skynet.sleep(1)`,
			"[:00000009] Maybe forgot response session 4 from :00000008 : @DIR/worker.lua:32\n"},
		{"ignored", `
skynet.fork(function() skynet.call(w, "lua", "ignore") end)
skynet.sleep(1)`,
			"no session\tfalse\tNo session\n"},
		{"no protocol", `
local ok, err = pcall(skynet.call, w, "nope")
print(ok, err:match "attempt to index a nil value")`,
			"false\tattempt to index a nil value\n"},
		{"to oneself", `
skynet.dispatch("lua", function(_, _, ...) skynet.retpack("self", ...) end)
print(skynet.call(skynet.self(), "lua", 1))`,
			"self\t1\n"},
	} {
		t.Run(test.name, func(t *testing.T) { check(t, run(t, with(test.code)), test.want) })
	}
}

// What a caller that is gone, or was, gets.
func TestCallerGone(t *testing.T) {
	got := run(t, map[string]string{
		"worker": worker,
		"caller": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, w)
		skynet.timeout(1, skynet.exit)
		skynet.call(w, "lua", "later", 4, true)
	end)
end)`,
		"main": `
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	local w = skynet.newservice "worker"
	skynet.send(skynet.newservice "caller", "lua", w)
	skynet.sleep(8)
	skynet.abort()
end)`,
	})
	check(t, got, "test\tfalse\nanswer\tfalse\ntest\tfalse\nagain\tfalse\tCan't response more than once\n")
}

// The queue of a service that is killed: who asks is told.
func TestKillWithQueue(t *testing.T) {
	got := run(t, with(`
skynet.send(w, "lua", "echo")
for i = 1, 3 do
	skynet.fork(function() print(i, pcall(skynet.call, w, "lua", "echo")) end)
end
skynet.timeout(0, function() skynet.kill(w) end)
skynet.fork(function()
	local until_ = os.clock() + 0.02
	while os.clock() < until_ do end
end)
skynet.sleep(5)`))
	if n := strings.Count(got, "call failed") + strings.Count(got, "true"); n != 3 {
		t.Errorf("%d calls came back, want 3:\n%s", n, got)
	}
}

// Requests and answers of other types.
func TestProtocols(t *testing.T) {
	got := run(t, map[string]string{"main": `
local skynet = require "skynet"
skynet.register_protocol {
	name = "text", id = skynet.PTYPE_TEXT,
	pack = function(s) return s:upper() end,
	unpack = function(msg, sz) return skynet.tostring(msg, sz), sz end,
}
skynet.register_protocol { name = "client", id = skynet.PTYPE_CLIENT, pack = skynet.pack, unpack = skynet.unpack }
skynet.start(function()
	skynet.send(skynet.self(), "text", "nobody")
	print(pcall(skynet.call, skynet.self(), "text", "nobody"))
	print(skynet.dispatch "text")
	print(skynet.dispatch("text", function(session, _, text, size)
		print("got", text, size)
		skynet.ret("answer to " .. text)
	end))
	print(skynet.call(skynet.self(), "text", "x"))
	local msg, sz = skynet.rawcall(skynet.self(), "text", "raw")
	print(type(msg), sz, skynet.tostring(msg, sz))
	skynet.dispatch("client", function(session, source, ...)
		print("client", session, source, ...)
		skynet.ignoreret()
	end)
	local msg, sz = skynet.pack("redirected", {})
	print(skynet.redirect(skynet.self(), 77, "client", 5, msg, sz))
	print(pcall(skynet.rawsend, skynet.self(), "client", msg, sz))
	print(skynet.rawsend(skynet.self(), "client", skynet.packstring("raw")))
	skynet.sleep(1)
	print(pcall(skynet.register_protocol, { name = "lua", id = 200 }))
	print(pcall(skynet.register_protocol, { name = "x", id = 256 }))
	skynet.exit()
end)`})
	got = replaceTables(got)
	check(t, got, `
[:00000008] Unknown request (text): NOBODY
[:00000008] lua call [8 to :8 : 0 msgsz = 6] error : `+"\x1b[31mUnknown session : 0 from 8\x1b[0m"+`
false	call failed
nil
nil
got	X	1
answer to X	11
got	raw	3
userdata	13	answer to raw
5
false	the userdata is not a message, or was sent or freed already
0
client	5	77	redirected	table
client	0	8	raw
false	protocol lua (200) is registered already
false	a protocol needs a name, and an id from 0 to 255
`)
}

func replaceTables(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if j := strings.Index(l, "table: 0x"); j >= 0 {
			lines[i] = l[:j] + "table"
		}
	}
	return strings.Join(lines, "\n")
}

// Messages that nothing is made for.
func TestUnknown(t *testing.T) {
	got := run(t, map[string]string{"main": `
local skynet = require "skynet"
skynet.register_protocol { name = "text", id = skynet.PTYPE_TEXT, pack = function(s) return s end, unpack = skynet.tostring }
skynet.start(function()
	skynet.redirect(skynet.self(), 99, "response", 77, "hello")
	skynet.sleep(1)
	local request = skynet.dispatch_unknown_request(print)
	print(pcall(request, 5, 6, "text", 4, "text"))
	skynet.dispatch_unknown_response(function(session, source, msg, sz) print("response", session, source, skynet.tostring(msg, sz)) end)
	skynet.dispatch_unknown_request(function(session, source, msg, sz, name) print("request", session, source, skynet.tostring(msg, sz), name) end)
	skynet.redirect(skynet.self(), 99, "response", 78, "hello")
	skynet.send(skynet.self(), "text", "text")
	skynet.sleep(1)
	-- What is replaced may be called by what replaces it.
	local before
	before = skynet.dispatch_unknown_request(function(...) print "again" before(...) end)
	print(pcall(before, 0, 1, "x", 1, "y"))
	before = skynet.dispatch_unknown_response(function() end)
	before(1, 2, "z", 1)
	skynet.exit()
end)`})
	check(t, got, `
[:00000008] Response message : hello
[:00000008] lua call [63 to :8 : 77 msgsz = 5] error : `+"\x1b[31mUnknown session : 77 from 63\x1b[0m"+`
[:00000008] Unknown request (text): text
false	Unknown session : 5 from 6
response	78	99	hello
request	0	8	text	text
request	0	1	x	y
true
response	1	2	z
`)
}

func TestRequests(t *testing.T) {
	got := run(t, with(`
local reqs = skynet.request { w, "lua", "sleep", 2, "second" } { w, "lua", "sleep", 1, "first", nil, 3 } { 4711, "lua", "nobody" } { w, "lua", "fail" }
for req, resp in reqs:select() do
	print(req[5] or req[3], resp and resp[1], resp and resp.n)
end
reqs = skynet.request()
reqs:add { w, "lua", "sleep", 1, "in time" }
reqs:add { w, "lua", "sleep", 20, "late" }
for req, resp in reqs:select(5) do
	print(req[5], resp[1])
end
print("timeout", reqs.timeout)
skynet.sleep(20)
print(skynet.task())`))
	before, after, _ := strings.Cut(got, "[:00000009] lua call")
	_, after, _ = strings.Cut(after, "\x1b[0m\n")
	check(t, before+after, "nobody\tnil\tnil\nfail\tfalse\tfalse\nfirst\tfirst\t3\nsecond\tsecond\t1\nin time\tin time\ntimeout\ttrue\n0\n")
}
