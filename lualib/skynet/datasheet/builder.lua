-- Makes and updates what skynet.datasheet reads.
local core = require "skynet.sharedata.core"
local skynet = require "skynet"

local builder = {}

-- Gives data a form in which it can be kept in a file.
function builder.compile(v)
	return skynet.packstring(v)
end

local function data_of(v)
	if type(v) == "string" then
		return (skynet.unpack(v))
	end
	return v
end

-- Makes the data of a name; v is a table, or what compile made of one.
function builder.new(name, v)
	core.new("datasheet:" .. name, data_of(v))
end

function builder.update(name, v)
	core.new("datasheet:" .. name, data_of(v))
end

return builder
