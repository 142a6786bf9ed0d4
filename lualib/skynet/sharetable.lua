-- Tables that one service loads and others query, each as plain tables.
local core = require "skynet.sharedata.core"

local sharetable = {}

local PREFIX = "sharetable:"
local queried = {} -- tables by name

local function share(name, f, ...)
	local t = f(...)
	assert(type(t) == "table", name .. " returns no table")
	core.new(PREFIX .. name, t)
end

-- Shares the table that the code in a file returns.
function sharetable.loadfile(name, ...)
	share(name, assert(loadfile(name)), ...)
end

-- Shares the table that code returns.
function sharetable.loadstring(name, source, ...)
	share(name, assert(load(source, "@" .. name)), ...)
end

function sharetable.loadtable(name, t)
	core.new(PREFIX .. name, t)
end

function sharetable.close(name)
	core.delete(PREFIX .. name)
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
