-- The names of a network that has this node only.
local skynet = require "skynet"
require "skynet.manager"

local names = {}
local asked = {} -- the responses to those who ask for a name, by name
local harbor_service

skynet.register_protocol {
	name = "harbor",
	id = skynet.PTYPE_HARBOR,
	pack = function(...) return ... end,
	unpack = skynet.tostring,
	dispatch = function() end,
}

local function register(name, handle)
	assert(names[name] == nil, "the name is taken")
	names[name] = handle
	skynet.redirect(harbor_service, handle, "harbor", 0, "N " .. name)
	for _, respond in ipairs(asked[name] or {}) do
		respond(true, handle)
	end
	asked[name] = nil
end

local command = {}

function command.REGISTER(name, handle)
	register(name, handle)
	return handle
end

function command.QUERYNAME(name)
	if name:byte() == 46 then -- "."
		return skynet.localname(name)
	end
	local handle = names[name]
	if handle then
		return handle
	end
	asked[name] = asked[name] or {}
	table.insert(asked[name], skynet.response())
	return false
end

function command.LINK()
	skynet.response() -- there is no other node: never answered
	return false
end

function command.LINKMASTER()
	skynet.response()
	return false
end

function command.CONNECT(id)
	skynet.error("Can't connect to other harbor in single node mode", id)
	skynet.response()
	return false
end

skynet.start(function()
	local harbor = tonumber(skynet.getenv "harbor" or 0)
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(command[cmd], cmd)
		local result = f(...)
		if result ~= false then
			skynet.ret(skynet.pack(result))
		end
	end)
	harbor_service = assert(skynet.launch("harbor", harbor, skynet.self()))
end)
