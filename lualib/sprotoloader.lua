-- Schemas that services share, in 16 places numbered from 0.
local core = require "sproto.core"
local parser = require "sprotoparser"
local sproto = require "sproto"

local loader = {}

-- Reads a schema file.
function loader.register(file, index)
	local f = assert(io.open(file), "Can't open sproto file")
	local text = f:read "*a"
	f:close()
	core.saveproto(core.newproto(parser.parse(text, file)), index)
end

function loader.save(binary, index)
	core.saveproto(core.newproto(binary), index)
end

function loader.load(index)
	return sproto.sharenew(core.loadproto(index))
end

return loader
