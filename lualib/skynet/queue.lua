-- queue() makes a lock: cs(f, ...) calls f when no other coroutine is inside, in the order of the calls.
-- f may wait, and may call cs again. What f returns or raises, cs returns or raises.
local skynet = require "skynet"

local function new_queue()
	local owner -- the coroutine inside
	local depth = 0 -- of its nested calls
	local waiting = {}
	local first, last = 1, 0

	local function leave(ok, ...)
		depth = depth - 1
		if depth == 0 then
			owner = waiting[first] -- handed over, so that nobody gets in between
			if owner then
				waiting[first] = nil
				first = first + 1
				skynet.wakeup(owner)
			end
		end
		if not ok then
			error((...), 0)
		end
		return ...
	end

	return function(f, ...)
		local co = coroutine.running()
		if owner and owner ~= co then
			last = last + 1
			waiting[last] = co
			repeat
				skynet.wait(co)
			until owner == co
		end
		owner = co
		depth = depth + 1
		return leave(pcall(f, ...))
	end
end

skynet.queue = new_queue

return new_queue
