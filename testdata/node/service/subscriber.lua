local skynet = require "skynet"
local multicast = require "skynet.multicast"

local got = {}

skynet.start(function()
	skynet.dispatch("lua", function(_, _, command, number)
		if command == "subscribe" then
			multicast.new {
				channel = number,
				dispatch = function(_, _, ...) got[#got + 1] = { ... } end,
			}:subscribe()
			skynet.ret()
		else
			skynet.retpack(got)
		end
	end)
end)
