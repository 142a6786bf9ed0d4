-- Hands all messages on to another service, unread.
local skynet = require "skynet"
require "skynet.manager"

skynet.register_protocol {
	name = "system",
	id = skynet.PTYPE_SYSTEM,
	unpack = function(...) return ... end,
}

skynet.forward_type({ [skynet.PTYPE_LUA] = skynet.PTYPE_SYSTEM }, function()
	local target = skynet.newservice "echo"
	skynet.dispatch("system", function(session, source, msg, sz)
		skynet.ret(skynet.rawcall(target, "lua", msg, sz))
	end)
end)
