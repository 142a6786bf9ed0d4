local skynet = require "skynet"
local coroutine = require "skynet.coroutine"
local profile = require "skynet.profile"
local check = require "check"
local case = require "case"

case(function()
	local main = coroutine.running()
	check.equal({ select(2, coroutine.thread()) }, { true })
	check.equal({ coroutine.resume(main) }, { false, "cannot resume none skynet coroutine" })
	local begin = skynet.hpc()
	profile.start()
	local status = {}
	local co
	co = coroutine.create(function(a)
		local thread, own = coroutine.thread()
		check.equal(thread == main and not own, true)
		status[#status + 1] = coroutine.status(co)
		skynet.sleep(4)
		local b = coroutine.yield(a + 1)
		skynet.sleep(1)
		return b + 1
	end)
	skynet.fork(function()
		status[#status + 1] = coroutine.status(co)
		status[#status + 1] = select(2, coroutine.resume(co))
	end)
	check.equal({ coroutine.resume(co, 1) }, { true, 2 })
	status[#status + 1] = coroutine.status(co)
	check.equal({ coroutine.resume(co, 5) }, { true, 6 })
	status[#status + 1] = coroutine.status(co)
	check.equal(status, { "running", "blocked", "cannot resume a skynet coroutine suspend by skynet framework", "suspended", "dead" })
	local f = coroutine.wrap(function() coroutine.yield(1) error "as asked" end)
	check.equal(f(), 1)
	check.raises("as asked", f)
	local spent = profile.stop()
	local asleep = (skynet.hpc() - begin) / 1e9 - spent
	assert(spent >= 0 and asleep > 0.03, "time asleep was counted: " .. spent)
	check.raises("Call profile.start() before profile.stop()", profile.stop)
end)
