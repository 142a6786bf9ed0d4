-- Makes and updates what skynet.datasheet reads.
local skynet = require "skynet"
local service = require "skynet.service"

local builder = {}

local daemon

-- The service that keeps the data.
local function keeper()
	local skynet = require "skynet"
	local core = require "skynet.sharedata.core"
	local known = {} -- true by name

	local command = {}

	function command.update(name, v)
		core.new("datasheet:" .. name, v)
		known[name] = true
	end

	function command.query(name)
		assert(known[name], "there is no datasheet of that name")
	end

	skynet.start(function()
		skynet.dispatch("lua", function(_, _, cmd, ...)
			command[cmd](...)
			skynet.ret()
		end)
	end)
end

skynet.init(function()
	daemon = service.new("datasheet", keeper)
end)

-- Gives data a form in which it can be kept in a file.
function builder.compile(v)
	return skynet.packstring(v)
end

local made = {} -- true by name

local function update(name, v)
	if type(v) == "string" then
		v = skynet.unpack(v)
	end
	skynet.call(daemon, "lua", "update", name, v)
	made[name] = true
end

-- Makes the data of a name; v is a table, or what compile made of one.
function builder.new(name, v)
	assert(not made[name], "there is a datasheet of that name already")
	update(name, v)
end

function builder.update(name, v)
	assert(made[name], "there is no datasheet of that name")
	update(name, v)
end

return builder
