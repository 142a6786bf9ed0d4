-- Messages of the type queue, which are handled one after the other, also when the handler waits. The caller of one whose
-- handler fails gets the error.
local skynet = require "skynet"
local queue = require "skynet.queue"

local mqueue = {}

local lock = queue()
local handler
local size = 0 -- messages that the handler has not been given yet

local function handle(...)
	while not handler do
		skynet.wait(mqueue) -- for register; the lock lets one in
	end
	size = size - 1
	return handler(...)
end

skynet.register_protocol {
	name = "queue",
	id = skynet.PTYPE_QUEUE,
	pack = skynet.pack,
	unpack = skynet.unpack,
	dispatch = function(session, source, ...)
		size = size + 1
		if session ~= 0 then
			skynet.ret(skynet.pack(pcall(lock, handle, ...)))
			return
		end
		local ok, result = pcall(lock, handle, ...)
		if not ok then
			error(("[:%x] send a message to [:%x] throw an error : %s"):format(source, skynet.self(), tostring(result)))
		elseif result then
			error(("[:%x] send a message to [:%x] return something"):format(source, skynet.self()))
		end
	end,
}

-- Has f(...) handle the messages, those included that have come before.
function mqueue.register(f)
	assert(handler == nil, "mqueue: a handler is registered already")
	handler = f
	skynet.wakeup(mqueue)
end

local function results(ok, ...)
	if not ok then
		error((...), 0)
	end
	return ...
end

-- Sends a message and returns what its handler returns.
function mqueue.call(address, ...)
	return results(skynet.call(address, "queue", ...))
end

function mqueue.send(address, ...)
	return skynet.send(address, "queue", ...)
end

-- Returns how many messages wait.
function mqueue.size()
	return size
end

return mqueue
