-- Makes what skynet.sharedata shares, and knows its names.
local skynet = require "skynet"
local core = require "skynet.sharedata.core"

local shared = {} -- true by name
local command = {}

-- The table that v stands for: v itself; or Lua code, or "@file" with Lua code, that returns a table or sets globals. Code gets
-- the other arguments.
local function evaluate(name, v, ...)
	if type(v) == "table" then
		return v
	elseif v == nil then
		return {}
	elseif type(v) ~= "string" then
		error("Unknown data type " .. type(v))
	end
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

function command.new(name, v, ...)
	assert(not shared[name], "there is shared data of that name already")
	core.new(name, evaluate(name, v, ...))
	shared[name] = true
end

function command.update(name, v, ...)
	core.new(name, evaluate(name, v, ...))
	shared[name] = true
end

function command.delete(name)
	assert(shared[name], "there is no shared data of that name")
	shared[name] = nil
	core.delete(name)
end

function command.query(name)
	assert(shared[name], "there is no shared data of that name")
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(command[cmd], cmd)
		f(...)
		skynet.ret()
	end)
end)
