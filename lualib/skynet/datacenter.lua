-- A tree of values that all services of the network share: get, set and wait take the path of a value.
local skynet = require "skynet"

local datacenter = {}

-- datacenter.get(key, ...) returns the value at a path, or nil.
function datacenter.get(...)
	return skynet.call("DATACENTER", "lua", "QUERY", ...)
end

-- datacenter.set(key, ..., value) returns what was there before.
function datacenter.set(...)
	return skynet.call("DATACENTER", "lua", "UPDATE", ...)
end

-- datacenter.wait(key, ...) returns the value at a path when there is one.
function datacenter.wait(...)
	return skynet.call("DATACENTER", "lua", "WAIT", ...)
end

return datacenter
