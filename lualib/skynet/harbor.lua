-- Names and nodes of the network.
local skynet = require "skynet"

local harbor = {}

-- Gives a service (the caller by default) a name in the whole network. Nobody waits for that: the cslave of skynet's own trees
-- does not answer.
function harbor.globalname(name, handle)
	skynet.send(".cslave", "lua", "REGISTER", name, handle or skynet.self())
end

-- Waits until a service has a name, and returns its handle.
function harbor.queryname(name)
	return skynet.call(".cslave", "lua", "QUERYNAME", name)
end

-- Waits until a node is gone.
function harbor.link(id)
	skynet.call(".cslave", "lua", "LINK", id)
end

-- Waits until a node is there.
function harbor.connect(id)
	skynet.call(".cslave", "lua", "CONNECT", id)
end

-- Waits until the master is gone.
function harbor.linkmaster()
	skynet.call(".cslave", "lua", "LINKMASTER")
end

return harbor
