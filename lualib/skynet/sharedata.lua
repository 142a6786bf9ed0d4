-- Named tables that all services read without copies of their own. A service that holds one sees updates.
local skynet = require "skynet"
local core = require "skynet.sharedata.core"

local sharedata = {}

local daemon -- sharedatad

skynet.init(function()
	daemon = skynet.uniqueservice "sharedatad"
end)

-- Shares data under a name that is not in use. v is a table, or Lua code, or "@file" with Lua code, that returns one or sets
-- globals; code gets the other arguments.
function sharedata.new(name, v, ...)
	skynet.call(daemon, "lua", "new", name, v, ...)
end

-- Replaces the data of a name.
function sharedata.update(name, v, ...)
	skynet.call(daemon, "lua", "update", name, v, ...)
end

-- Frees a name. Services that hold its data keep it as it is.
function sharedata.delete(name)
	skynet.call(daemon, "lua", "delete", name)
end

-- The data, as a table that can't be written to.
function sharedata.query(name)
	skynet.call(daemon, "lua", "query", name)
	return core.query(name)
end

-- Does nothing: nothing is kept of old data.
function sharedata.flush() end

-- A copy of the data, or of the part at a path.
function sharedata.deepcopy(name, ...)
	skynet.call(daemon, "lua", "query", name)
	return core.copy(name, ...)
end

return sharedata
