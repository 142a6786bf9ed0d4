-- Named tables that all services read without copies of their own. A service that holds one sees updates at its next access.
local core = require "skynet.sharedata.core"

local sharedata = {}

-- v is a table, or Lua code, or "@file" with Lua code, that returns one or sets globals; it gets the other arguments.
local function evaluate(name, v, ...)
	if type(v) == "table" then
		return v
	end
	assert(type(v) == "string", "Unknown data type")
	local env = setmetatable({}, { __index = _ENV })
	local f
	if v:sub(1, 1) == "@" then
		f = assert(loadfile(v:sub(2), "bt", env))
	else
		f = assert(load(v, "=" .. name, "bt", env))
	end
	local result = f(...)
	setmetatable(env, nil)
	return type(result) == "table" and result or env
end

-- Shares data under a name.
function sharedata.new(name, v, ...)
	core.new(name, evaluate(name, v, ...))
end

function sharedata.update(name, v, ...)
	core.new(name, evaluate(name, v, ...))
end

function sharedata.delete(name)
	core.delete(name)
end

-- The data, as a table that can't be written to.
function sharedata.query(name)
	return core.query(name)
end

-- Does nothing: nothing is kept of old data.
function sharedata.flush() end

-- A copy of the data, or of the part at a path.
function sharedata.deepcopy(name, ...)
	return core.copy(name, ...)
end

return sharedata
