-- Runs the function of a skynet.service.
local skynet = require "skynet"

local name = ...

local function init(code, ...)
	local start
	skynet.start = function(f) start = f end
	skynet.dispatch("lua", function() error "No dispatch function" end)
	local main = assert(load(code, name))
	assert(skynet.pcall(main, ...))
	if start then
		start()
	end
	skynet.ret()
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		assert(cmd == "init")
		init(...)
	end)
end)
