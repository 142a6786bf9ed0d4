-- Answers a gate's client in capital letters.
local skynet = require "skynet"
local netpack = require "skynet.netpack"
local socketdriver = require "skynet.socketdriver"

local fd = tonumber((...))

skynet.register_protocol {
	name = "client",
	id = skynet.PTYPE_CLIENT,
	unpack = skynet.tostring,
	dispatch = function(session, source, text)
		assert(session == fd)
		skynet.ignoreret()
		socketdriver.send(fd, netpack.pack(text:upper()))
	end,
}

skynet.start(function() end)
