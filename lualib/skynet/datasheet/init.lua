-- Tables that skynet.datasheet.builder makes, read by all services without copies of their own.
local core = require "skynet.sharedata.core"

local datasheet = {}

-- The data of a name. It changes when the builder updates it.
function datasheet.query(name)
	return core.query("datasheet:" .. name)
end

return datasheet
