-- Tables that skynet.datasheet.builder makes, read by all services without copies of their own.
local skynet = require "skynet"
local service = require "skynet.service"
local core = require "skynet.sharedata.core"

local datasheet = {}

-- The data of a name, which must have been made. It changes when the builder updates it.
function datasheet.query(name)
	skynet.call(service.query "datasheet", "lua", "query", name)
	return core.query("datasheet:" .. name)
end

return datasheet
