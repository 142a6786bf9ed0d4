-- case(f) makes a service of a case: f raises an error when it fails.
local skynet = require "skynet"

return function(f)
	skynet.start(function()
		skynet.dispatch("lua", function(_, _, command)
			assert(command == "run")
			local ok, err = xpcall(f, debug.traceback)
			skynet.ret(skynet.pack(ok, err and tostring(err)))
		end)
	end)
end
