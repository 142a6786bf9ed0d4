-- Reads the methods of a snax service from its script: the functions that it puts into accept and response, and the global
-- functions init, exit, hotfix and profile.
local skynet = require "skynet"

local SYSTEM = { "init", "exit", "hotfix", "profile" }

-- Loads name from the first template of path that has it.
local function load_script(path, name, G)
	local errors = {}
	for template in path:gmatch "[^;]+" do
		local f, err = loadfile((template:gsub("?", name)), "bt", G)
		if f then
			return f, template
		end
		errors[#errors + 1] = err
	end
	error(table.concat(errors, "\n"))
end

-- A table that gives each function stored in it the next number in methods.
local function group(methods, kind)
	local known = {}
	return setmetatable({}, {
		__newindex = function(_, name, f)
			if type(name) ~= "string" then
				error(("%s method only support string"):format(kind))
			elseif type(f) ~= "function" then
				error(("%s.%s must be function"):format(kind, name))
			elseif known[name] then
				error(("%s.%s duplicate definition"):format(kind, name))
			end
			known[name] = true
			methods[#methods + 1] = { #methods + 1, kind, name, f }
		end,
	})
end

-- Runs the script of a snax service with the globals G, and returns the list of its methods, { number, group, name, function },
-- and the template of the path that found it. loader(path, name, G) replaces the reading of the file.
return function(name, G, loader)
	assert(getmetatable(G) == nil, "the globals have a metatable")
	for _, field in ipairs { "init", "exit", "accept", "response" } do
		assert(G[field] == nil, field .. " is a global already")
	end

	local methods, number = {}, {}
	for i, field in ipairs(SYSTEM) do
		methods[i], number[field] = { i, "system", field }, i
	end
	local defined = {} -- other globals
	local env = setmetatable({}, { __index = defined })
	env.accept, env.response = group(methods, "accept"), group(methods, "response")

	local path = assert(skynet.getenv "snax", "please set snax in config file")
	local main, template = (loader or load_script)(path, name, G)

	setmetatable(G, {
		__index = env,
		__newindex = function(_, field, v)
			local i = number[field]
			if not i then
				defined[field] = v
			elseif type(v) ~= "function" then
				error(("%s must be a function"):format(field))
			else
				methods[i][4] = v
			end
		end,
	})
	local ok, err = xpcall(main, debug.traceback)
	setmetatable(G, nil)
	assert(ok, err)
	for k, v in pairs(defined) do
		G[k] = v
	end
	return methods, template
end
