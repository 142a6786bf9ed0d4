-- Keeps the channels of skynet.multicast. A channel's number modulo 256 is the harbor id of the node that made it; other
-- nodes with subscribers are told of what is published there.
local skynet = require "skynet"
local core = require "skynet.multicast.core"
local datacenter = require "skynet.datacenter"

local harbor = skynet.harbor(skynet.self())

local command = {}
local members = {} -- { service = true } by channel
local count = {} -- of members by channel
local remote = {} -- { node = true } by channel that was made here
local last = harbor -- channel number
local peers = {} -- the multicastd of other nodes

local function peer(node)
	local address = peers[node]
	if not address then
		address = datacenter.get("multicast", node)
		assert(address, "no multicastd on node " .. node)
		peers[node] = address
	end
	return address
end

function command.NEW()
	while members[last] do
		last = core.nextid(last)
	end
	local channel = last
	members[channel], count[channel] = {}, 0
	last = core.nextid(last)
	return channel
end

-- Forgets a channel, also on the other nodes.
function command.DELR(_, channel)
	members[channel], count[channel] = nil, nil
end

function command.DEL(_, channel)
	local node = channel % 256
	if node ~= harbor then
		skynet.send(peer(node), "lua", "DEL", channel)
		return
	end
	local nodes = remote[channel]
	members[channel], count[channel], remote[channel] = nil, nil, nil
	for other in pairs(nodes or {}) do
		skynet.send(peer(other), "lua", "DELR", channel)
	end
end

local function publish_remote(node, channel, source, ...)
	skynet.redirect(peer(node), source, "multicast", channel, ...)
end

local function publish(channel, source, package, size)
	for node in pairs(remote[channel] or {}) do
		local _, msg, sz = core.unpack(package, size)
		publish_remote(node, channel, source, skynet.tostring(msg, sz))
	end
	local group = members[channel]
	if not group or not next(group) then
		core.close(core.bind(package, 1))
		return
	end
	local reference = skynet.tostring(package, size)
	core.bind(package, count[channel])
	for member in pairs(group) do
		skynet.redirect(member, source, "multicast", channel, reference)
	end
end

skynet.register_protocol {
	name = "multicast",
	id = skynet.PTYPE_MULTICAST,
	unpack = function(msg, sz)
		return core.packremote(msg, sz)
	end,
	dispatch = function(...)
		skynet.ignoreret()
		publish(...)
	end,
}

function command.PUB(source, channel, package, size)
	assert(skynet.harbor(source) == harbor)
	local node = channel % 256
	if node ~= harbor then
		publish_remote(node, channel, source, core.remote(package))
	else
		publish(channel, source, package, size)
	end
end

-- A node that begins, or ends, to have subscribers of a channel made here.
function command.SUBR(source, channel)
	local node = skynet.harbor(source)
	if not members[channel] then
		return true -- the channel is gone
	end
	assert(node ~= harbor and channel % 256 == harbor)
	remote[channel] = remote[channel] or {}
	remote[channel][node] = true
end

function command.USUBR(source, channel)
	local node = skynet.harbor(source)
	assert(node ~= harbor)
	if remote[channel] then
		remote[channel][node] = nil
	end
end

function command.SUB(source, channel)
	local node = channel % 256
	if node ~= harbor and not members[channel] then
		if skynet.call(peer(node), "lua", "SUBR", channel) then
			return
		end
		members[channel] = members[channel] or {}
		count[channel] = count[channel] or 0
	end
	local group = members[channel]
	if group and not group[source] then
		group[source] = true
		count[channel] = count[channel] + 1
	end
end

function command.USUB(source, channel)
	local group = assert(members[channel])
	if not group[source] then
		return
	end
	group[source] = nil
	count[channel] = count[channel] - 1
	local node = channel % 256
	if count[channel] == 0 and node ~= harbor then
		members[channel], count[channel] = nil, nil
		skynet.send(peer(node), "lua", "USUBR", channel)
	end
end

skynet.start(function()
	skynet.dispatch("lua", function(_, source, cmd, ...)
		local f = assert(command[cmd])
		local result = f(source, ...)
		skynet.ret(skynet.pack(result))
	end)
	local id = skynet.self()
	assert(id % 0x1000000 ~= 0)
	if skynet.localname ".cslave" or skynet.localname "DATACENTER" then
		assert(datacenter.set("multicast", harbor, id) == nil)
	end
end)
