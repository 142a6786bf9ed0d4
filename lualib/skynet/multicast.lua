-- Channels: what is published to one reaches all services that subscribe to it.
local skynet = require "skynet"
local core = require "skynet.multicast.core"

local multicast = {}

local daemon -- multicastd
local subscribed = {} -- channels by number

local Channel = {}
local ChannelMeta = {
	__index = Channel,
	__gc = function(self) self:unsubscribe() end,
	__tostring = function(self) return ("[Multicast:%x]"):format(self.channel) end,
}

-- Makes a channel, or (conf.channel) the object of one that another service has made. conf.dispatch(channel, source, ...)
-- gets what is published; conf.pack and conf.unpack replace skynet's.
function multicast.new(conf)
	conf = conf or {}
	local self = {
		channel = conf.channel or skynet.call(daemon, "lua", "NEW"),
		__pack = conf.pack or skynet.pack,
		__unpack = conf.unpack or skynet.unpack,
		__dispatch = conf.dispatch,
	}
	return setmetatable(self, ChannelMeta)
end

-- Deletes the channel for all.
function Channel:delete()
	local channel = assert(self.channel)
	skynet.send(daemon, "lua", "DEL", channel)
	self.channel, self.__subscribe = nil, nil
end

function Channel:publish(...)
	local channel = assert(self.channel)
	skynet.call(daemon, "lua", "PUB", channel, core.pack(self.__pack(...)))
end

function Channel:subscribe()
	local channel = assert(self.channel)
	if self.__subscribe then
		return
	end
	skynet.call(daemon, "lua", "SUB", channel)
	self.__subscribe = true
	subscribed[channel] = self
end

function Channel:unsubscribe()
	if not self.__subscribe then
		return
	end
	local channel = assert(self.channel)
	skynet.send(daemon, "lua", "USUB", channel)
	self.__subscribe = nil
	subscribed[channel] = nil
end

local function dispatch(number, source, package, msg, sz)
	skynet.ignoreret() -- the session is the channel's number
	local channel = subscribed[number]
	if not channel or not channel.__subscribe then
		core.close(package) -- published before the service unsubscribed
		return
	end
	local ok, err = pcall(channel.__dispatch, channel, source, channel.__unpack(msg, sz))
	core.close(package)
	assert(ok, err)
end

skynet.init(function()
	daemon = skynet.uniqueservice "multicastd"
	skynet.register_protocol {
		name = "multicast",
		id = skynet.PTYPE_MULTICAST,
		unpack = core.unpack,
		dispatch = dispatch,
	}
end, "multicast")

return multicast
