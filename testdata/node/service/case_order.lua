-- The order in which a service's tasks run.
local skynet = require "skynet"
local check = require "check"
local case = require "case"

case(function()
	local seen = {}
	local function see(text) seen[#seen + 1] = text end

	skynet.timeout(0, function() see "timeout0" end)
	local w = skynet.fork(function()
		see "fork1"
		skynet.fork(function() see "fork1.nested" end)
	end)
	check.equal(type(w), "thread")
	skynet.fork(function() see "fork2" end)
	local waiting = skynet.fork(function()
		see "w:start"
		skynet.wait()
		see "w:awake"
	end)
	see "main-before-yield"
	skynet.yield()
	see "main-after-yield1"
	see("wakeup=" .. tostring(skynet.wakeup(waiting)))
	see("wakeup2=" .. tostring(skynet.wakeup(waiting)))
	see "main-after-wakeup"
	skynet.fork(function() see "fork3" end)
	skynet.yield()
	see "main-after-yield2"
	check.equal(table.concat(seen, " "), "main-before-yield fork1 fork2 w:start fork1.nested timeout0 main-after-yield1 "
		.. "wakeup=true wakeup2=true main-after-wakeup w:awake fork3 main-after-yield2")
	check.equal(select("#", skynet.wakeup(waiting)), 0)
	local token = {}
	skynet.fork(function() skynet.wakeup(token) end)
	check.equal(skynet.sleep(1000, token), "BREAK")
	check.equal(skynet.sleep(1), nil)
end)
