package skynet_test

import "testing"

func TestTasks(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"sleep and wakeup", `
local co = coroutine.running()
skynet.timeout(1, function() print("wakeup", skynet.wakeup(co)) end)
print("sleep", skynet.sleep(1000))
print("sleep", skynet.sleep(1))
print("nobody", select("#", skynet.wakeup "nobody"))`,
			"wakeup\ttrue\nsleep\tBREAK\nsleep\nnobody\t0\n"},
		{"tokens", `
skynet.fork(function() skynet.wait "token" print "text" end)
skynet.fork(function() skynet.wait(7) print "number" end)
local t = {}
skynet.fork(function() print("table", skynet.sleep(1000, t)) end)
skynet.yield()
print(pcall(skynet.wait, "token"))
print(pcall(skynet.sleep, 1, t))
print(skynet.wakeup(t), skynet.wakeup("to" .. "ken"), skynet.wakeup(7.0))
skynet.yield()
print(select("#", skynet.wakeup(t)), skynet.task())`,
			"false\ttoken duplicative\nfalse\ttoken duplicative\ntrue\ttrue\ttrue\ntable\tBREAK\ntext\nnumber\n0\t0\n"},
		{"a wakeup that comes too late", `
local co
co = skynet.fork(function() skynet.sleep(1) print "slept" skynet.wait() print "woken" end)
skynet.sleep(3)
print(skynet.wakeup(co))
skynet.yield()`,
			"slept\ntrue\nwoken\n"},
		{"sessions", `
print(skynet.genid())
skynet.timeout(0, function(...) print(select("#", ...), (...), select(3, ...)) end)
skynet.yield()
print(skynet.genid())
local session = skynet.call(w, "lua", "echo", 1) and skynet.genid()
print(session)`,
			"3\n4\ttrue\t0\t4\n6\n8\n"},
		{"in nested coroutines", `
local outer = coroutine.wrap(function()
	local inner = coroutine.wrap(function()
		skynet.sleep(1)
		print(skynet.call(w, "lua", "echo", "called"))
		coroutine.yield "inner"
		skynet.yield()
		return "inner's end"
	end)
	coroutine.yield(inner())
	coroutine.yield(inner())
end)
print(outer())
print(outer())
print(pcall(table.sort, { 1, 2 }, function() skynet.sleep(1) end))`,
			"called\ninner\ninner's end\nfalse\tDIR/main.lua:20: attempt to yield across a Go-call boundary\n"},
		{"over pcall, metamethods and iterators", `
print(pcall(function() skynet.sleep(1) error("after", 0) end))
local t = setmetatable({}, { __index = function(_, k) skynet.yield() return k end, __add = function() skynet.yield() return "sum" end })
print(t.key, t + 1)
for x in function(_, last) skynet.yield() return not last and "x" or nil end do print(x) end
print(xpcall(function() skynet.yield() error "e" end, function(m) return "handled" end))`,
			"false\tafter\nkey\tsum\nx\nfalse\thandled\n"},
		{"forks", `
skynet.fork(function(a, b, c) print("args", a, b, c) end, 1, nil, 3)
skynet.fork(function() error "first" end)
skynet.fork(function() error(setmetatable({}, { __tostring = function() return "second" end })) end)
skynet.fork(function() print "after errors" end)
skynet.yield()`,
			"args\t1\tnil\t3\nafter errors\n[:00000008] lua call [0 to :8 : 2 msgsz = 0] error : \x1b[31m" +
				"DIR/main.lua:8: first\nstack traceback:\n\t[C]: in function 'error'\n\tDIR/main.lua:8: in function <DIR/main.lua:8>\n" +
				"second\nstack traceback:\n\t[C]: in function 'error'\n\tDIR/main.lua:9: in function <DIR/main.lua:9>\x1b[0m\n"},
		{"an error in a timeout", `
skynet.timeout(1, function() error "late" end)
skynet.sleep(3)
print "goes on"`,
			"[:00000008] lua call [0 to :8 : 3 msgsz = 0] error : \x1b[31mDIR/main.lua:7: late\nstack traceback:\n" +
				"\t[C]: in function 'error'\n\tDIR/main.lua:7: in function <DIR/main.lua:7>\x1b[0m\ngoes on\n"},
		{"wakeups go on after an error", `
local list = {}
for i = 1, 3 do
	skynet.fork(function() skynet.wait(i) list[#list + 1] = i if i == 2 then error("2", 0) end end)
end
skynet.yield()
for i = 1, 3 do skynet.wakeup(i) end
skynet.fork(function() list[#list + 1] = "fork" end)
skynet.yield()
print(table.concat(list, " "))`,
			"[:00000008] lua call [0 to :8 : 3 msgsz = 0] error : \x1b[31m2\nstack traceback:\n" +
				"\t[C]: in function 'error'\n\tDIR/main.lua:9: in function <DIR/main.lua:9>\x1b[0m\n1 2 fork 3\n"},
		{"killthread", `
local never = skynet.fork(function() print "never" end)
print(skynet.killthread(never) == never)
local co = skynet.fork(function() skynet.wait "x" print "never" end)
skynet.yield()
print(skynet.task(), skynet.killthread(co) == co, skynet.task(), skynet.wakeup "x")
print(select("#", skynet.killthread(co)))
local asking = skynet.fork(function() skynet.call(w, "lua", "sleep", 2) print "never" end)
skynet.yield()
print(skynet.killthread(tostring(asking)) == asking)
skynet.sleep(4)`,
			"true\n1\ttrue\t0\n0\ntrue\n"},
		{"task", `
local co = skynet.fork(function() skynet.wait "x" end)
skynet.yield()
local session = skynet.task(co)
print(session, skynet.task(), skynet.task(session):match "in function 'wait'" ~= nil, skynet.task(99))
local list = {}
skynet.task(list)
print((next(list)):match "session: %d+")
print(skynet.task "init" ~= nil, (next(skynet.uniqtask())))`,
			"4\t1\ttrue\tNo session\nsession: 4\ntrue\t1\tsessions:[4]\n\n"},
	} {
		t.Run(test.name, func(t *testing.T) { check(t, run(t, with(test.code)), test.want) })
	}
}

func TestError(t *testing.T) {
	got := run(t, with(`
skynet.error("a", 1, nil, true, 1.5)
skynet.error()
skynet.error(setmetatable({}, { __tostring = function() return "object" end }))
skynet.error "two\nlines"`))
	check(t, got, "[:00000008] a 1 nil true 1.5\n[:00000008] nil\n[:00000008] object\n[:00000008] two\nlines\n")
}

func TestQueue(t *testing.T) {
	got := run(t, with(`
local queue = require "skynet.queue"
print(queue == skynet.queue)
local cs = queue()
for i = 1, 3 do
	skynet.fork(function()
		print(i, cs(function(a)
			print("in", i)
			skynet.sleep(1)
			cs(function() skynet.yield() print("nested", i) end)
			return a, nil, i
		end, "result"))
	end)
end
skynet.fork(function()
	print(pcall(cs, function() error("raised", 0) end))
	local e = {}
	print(select(2, pcall(cs, error, e)) == e)
end)
skynet.sleep(10)
print(cs(function() return "free again" end))`))
	check(t, got, `
true
in	1
nested	1
1	result	nil	1
in	2
nested	2
2	result	nil	2
in	3
nested	3
3	result	nil	3
false	raised
true
free again
`)
}

// A service at its limit can tell so: the error is that of the pcall inside which the memory was taken.
func TestMemoryLimit(t *testing.T) {
	got := run(t, map[string]string{"main": `
local skynet = require "skynet"
skynet.memlimit(2 * 1024 * 1024)
skynet.start(function()
	local list = {}
	local ok, err = pcall(function()
		while true do table.insert(list, {}) end
	end)
	local filled = pcall(load, "return '" .. ("x"):rep(1000) .. "'")
	local text = ""
	for i = 1, 100 do text = tostring(i) end
	skynet.error(ok, err, filled, text)
	list = nil
	local again = {}
	for i = 1, 1000 do again[i] = {} end
	skynet.error "lives"
	skynet.exit()
end)`})
	check(t, got, `
[:00000008] Set memory limit to 2.00 M
[:00000008] false not enough memory true 100
[:00000008] lives
`)
}
