-- Calls to services of other nodes, which know each other by name. The setting cluster names a file of addresses,
-- node = "host:port"; reload gives them as a table.
local skynet = require "skynet"

local cluster = {}

local daemon -- clusterd

-- Calls a service of a node: its number, ".name", or "@name" for one that it has registered. The first value is the type.
function cluster.call(node, address, ...)
	return skynet.unpack((skynet.call(daemon, "lua", "request", node, address, skynet.packstring(...))))
end

function cluster.send(node, address, ...)
	skynet.send(daemon, "lua", "push", node, address, skynet.packstring(...))
end

-- Listens for other nodes: on a port, on an address, or on that of a node's name. Returns address and port.
function cluster.open(port, maxclient)
	if type(port) == "string" then
		return skynet.call(daemon, "lua", "listen", port, nil, maxclient)
	end
	return skynet.call(daemon, "lua", "listen", "0.0.0.0", port, maxclient)
end

function cluster.reload(config)
	skynet.call(daemon, "lua", "reload", config)
end

-- A service here that stands for one of another node. The address may be in the name: "node.address", "node@name".
function cluster.proxy(node, name)
	return skynet.call(daemon, "lua", "proxy", node, name)
end

-- The object of a snax service of another node.
function cluster.snax(node, name, address)
	local snax = require "skynet.snax"
	address = address or cluster.call(node, ".service", "QUERY", "snaxd", name)
	return snax.bind(skynet.call(daemon, "lua", "proxy", node, address), name)
end

-- Gives a service (the caller by default) a name by which other nodes find it.
function cluster.register(name, address)
	assert(type(name) == "string")
	assert(address == nil or type(address) == "number")
	return skynet.call(daemon, "lua", "register", name, address)
end

function cluster.unregister(name)
	assert(type(name) == "string")
	return skynet.call(daemon, "lua", "unregister", name)
end

-- The number of a service that another node has registered.
function cluster.query(node, name)
	return skynet.unpack((skynet.call(daemon, "lua", "request", node, 0, skynet.packstring(name))))
end

-- Whoever sends to a node for this one.
function cluster.get_sender()
	return daemon
end

skynet.init(function()
	daemon = skynet.uniqueservice "clusterd"
end)

return cluster
