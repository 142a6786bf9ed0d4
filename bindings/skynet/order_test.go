package skynet_test

import "testing"

// The order of skynet: forks after the handler or its first wait, those of forks behind them, then what is in the queue;
// a woken task when the waker waits or ends.
func TestOrder(t *testing.T) {
	got := run(t, map[string]string{"main": `
local skynet = require "skynet"
skynet.start(function()
	local list = {}
	local function note(s) list[#list + 1] = s end
	local w
	skynet.fork(function()
		note "fork1"
	end)
	skynet.fork(function(name)
		note(name)
	end, "fork2")
	w = skynet.fork(function()
		note "w:start"
		skynet.fork(function() note "fork1.nested" end)
		skynet.wait(w)
		note "w:awake"
	end)
	skynet.timeout(0, function() note "timeout0" end)
	note "main-before-yield"
	skynet.yield()
	note "main-after-yield1"
	note("wakeup=" .. tostring(skynet.wakeup(w)))
	note("wakeup2=" .. tostring(skynet.wakeup(w)))
	note "main-after-wakeup"
	skynet.fork(function() note "fork3" end)
	skynet.yield()
	note "main-after-yield2"
	print(table.concat(list, " "))
	skynet.exit()
end)`})
	check(t, got, "main-before-yield fork1 fork2 w:start fork1.nested timeout0 main-after-yield1 wakeup=true wakeup2=true main-after-wakeup w:awake fork3 main-after-yield2\n")
}
