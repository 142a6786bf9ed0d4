-- Stands for a service of another node: what it is sent goes there.
local skynet = require "skynet"
require "skynet.manager"

local node, address = ...

skynet.register_protocol {
	name = "system",
	id = skynet.PTYPE_SYSTEM,
	unpack = function(...) return ... end,
}

local forward = {
	[skynet.PTYPE_LUA] = skynet.PTYPE_SYSTEM,
	[skynet.PTYPE_SNAX] = skynet.PTYPE_SYSTEM,
}

skynet.forward_type(forward, function()
	local daemon = skynet.uniqueservice "clusterd"
	local target = tonumber(address) or address
	skynet.dispatch("system", function(session, _, msg, sz)
		local text = skynet.tostring(msg, sz)
		if session == 0 then
			skynet.send(daemon, "lua", "push", node, target, text)
		else
			skynet.ret((skynet.call(daemon, "lua", "request", node, target, text)))
		end
	end)
end)
