-- Tables that one service loads and others query, each as plain tables.
local skynet = require "skynet"
local service = require "skynet.service"
local core = require "skynet.sharedata.core"

local sharetable = {}

local PREFIX = "sharetable:"
local queried = {} -- tables by name

-- The service that runs what loads tables: once, whoever asks for it.
local function loader()
	local skynet = require "skynet"
	local core = require "skynet.sharedata.core"
	local PREFIX = "sharetable:"
	local command = {}

	local function share(name, f, ...)
		local t = f(...)
		assert(type(t) == "table", name .. " returns no table")
		core.new(PREFIX .. name, t)
	end

	function command.loadfile(name, ...)
		share(name, assert(loadfile(name)), ...)
	end

	function command.loadstring(name, source, ...)
		share(name, assert(load(source, "@" .. name)), ...)
	end

	function command.loadtable(name, t)
		core.new(PREFIX .. name, t)
	end

	function command.close(name)
		core.delete(PREFIX .. name)
	end

	skynet.start(function()
		skynet.dispatch("lua", function(_, _, cmd, ...)
			command[cmd](...)
			skynet.ret()
		end)
	end)
end

local function ask(...)
	return skynet.call(service.new("sharetable", loader), "lua", ...)
end

-- Shares the table that the code in a file returns.
function sharetable.loadfile(name, ...)
	ask("loadfile", name, ...)
end

-- Shares the table that code returns.
function sharetable.loadstring(name, source, ...)
	ask("loadstring", name, source, ...)
end

function sharetable.loadtable(name, t)
	assert(type(t) == "table")
	ask("loadtable", name, t)
end

function sharetable.close(name)
	ask("close", name)
end

-- The table of a name, nil when nobody has loaded it.
function sharetable.query(name)
	local ok, t = pcall(core.copy, PREFIX .. name)
	if not ok then
		return nil
	end
	queried[name] = queried[name] or setmetatable({}, { __mode = "k" })
	queried[name][t] = true
	return t
end

-- The tables of several names, or of all.
function sharetable.queryall(list)
	local all = {}
	if not list then
		list = {}
		for _, name in ipairs(core.names()) do
			list[#list + 1] = name:match("^" .. PREFIX .. "(.*)$")
		end
	end
	for _, name in ipairs(list) do
		all[name] = sharetable.query(name)
	end
	return all
end

-- Makes old the same as new, and the tables in it too where they have counterparts.
local function renew(old, new)
	for k in pairs(old) do
		if new[k] == nil then
			old[k] = nil
		end
	end
	for k, v in pairs(new) do
		if type(v) == "table" and type(old[k]) == "table" then
			renew(old[k], v)
		else
			old[k] = v
		end
	end
end

-- Brings the tables that this service has queried up to date, in place.
function sharetable.update(...)
	for _, name in ipairs { ... } do
		local ok, new = pcall(core.copy, PREFIX .. name)
		for t in pairs(ok and queried[name] or {}) do
			renew(t, new)
		end
	end
end

return sharetable
