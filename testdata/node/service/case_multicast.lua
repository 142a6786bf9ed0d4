local skynet = require "skynet"
local multicast = require "skynet.multicast"
local check = require "check"
local case = require "case"

case(function()
	local channel = multicast.new()
	local got = {}
	local mine = multicast.new {
		channel = channel.channel,
		dispatch = function(c, source, ...)
			got[#got + 1] = { c.channel == channel.channel, source == skynet.self(), ... }
		end,
	}
	mine:subscribe()
	local readers = {}
	for i = 1, 3 do
		readers[i] = skynet.newservice "subscriber"
		skynet.call(readers[i], "lua", "subscribe", channel.channel)
	end
	channel:publish("hello", 1, { 2 })
	channel:publish("again")
	check.comes(function() return #got == 2 end)
	check.equal(got, { { true, true, "hello", 1, { 2 } }, { true, true, "again" } })
	for i = 1, 3 do
		check.comes(function() return #skynet.call(readers[i], "lua", "got") == 2 end)
		check.equal(skynet.call(readers[i], "lua", "got"), { { "hello", 1, { 2 } }, { "again" } })
	end
	mine:unsubscribe()
	channel:publish "unheard"
	skynet.sleep(2)
	check.equal(#got, 2)
	channel:delete()
end)
