-- Keeps a service running: starts it, passes on to it the requests of type lua that come to the supervisor's own address, and
-- starts it anew when it has ended. Arguments: the service's name, then its arguments.
--
--     local db = skynet.newservice("supervisor", "db", "localhost")
--     skynet.call(db, "lua", "get", "key")
--
-- While the service is down, callers get an error at once. A service that ends FAILURES times within WINDOW is given up,
-- which the log tells; others go on. A service that can't start the first time is an error of newservice.
local skynet = require "skynet"

local FAILURES = 5
local WINDOW = 6000 -- hundredths of a second
local FIRST_DELAY = 10 -- before the second restart, then twice as long each time; the first restart is at once

local args = table.pack(...)
local name = assert(args[1], "supervisor: the name of a service expected")

local child -- its address; nil while it is down
local ends = {} -- when it ended, within the last WINDOW

local function start()
	child = assert(skynet.newservice(table.unpack(args, 1, args.n)), name .. " ended while it was started")
end

-- Waits until the service has ended.
local function watch()
	pcall(skynet.call, child, "debug", "LINK")
	child = nil
end

-- Returns how long to wait before the next start, or nothing when the service is to be given up.
local function delay()
	local now = skynet.now()
	while ends[1] and now - ends[1] > WINDOW do
		table.remove(ends, 1)
	end
	ends[#ends + 1] = now
	if #ends < FAILURES then
		return #ends > 1 and FIRST_DELAY * 2 ^ (#ends - 2) or 0
	end
end

local function supervise()
	while true do
		if child then
			watch()
		end
		local wait = delay()
		if not wait then
			skynet.error(("supervisor: %s is given up: it ended %d times within %d s"):format(name, FAILURES, WINDOW / 100))
			return
		end
		skynet.error(("supervisor: %s has ended and is started again in %.1f s"):format(name, wait / 100))
		skynet.sleep(wait)
		pcall(start) -- the log tells of a failure
	end
end

-- Requests are passed on as they come, so that answers go straight to who asked.
skynet.register_protocol {
	name = "system",
	id = skynet.PTYPE_SYSTEM,
	unpack = function(...) return ... end,
	dispatch = function(session, source, msg, size)
		if child and skynet.redirect(child, source, "lua", session, msg, size) then
			skynet.ignoreret()
		elseif session ~= 0 then
			error(name .. " is down")
		end
	end,
}

skynet.info_func(function()
	return { service = name, address = child and skynet.address(child), ends = #ends }
end)

skynet.forward_type({ [skynet.PTYPE_LUA] = skynet.PTYPE_SYSTEM }, function()
	start()
	skynet.fork(supervise)
end)
