-- Replaces methods of a running snax service by those of a patch. The locals at the top of a patch that have no value are the
-- variables of those names which the script's methods use, and the patch's globals are the script's.
local interface = require "snax.interface"

-- The globals of a patch while it is loaded.
local patch_env = {}
for k, v in pairs(_ENV) do
	patch_env[k] = v
end

-- Calls visit(i, name, value) for the upvalues of f.
local function each_upvalue(f, visit)
	local i = 1
	while true do
		local name, value = debug.getupvalue(f, i)
		if name == nil then
			return
		end
		visit(i, name, value)
		i = i + 1
	end
end

-- Identifies the globals that f uses; nil when it uses none.
local function globals_of(f)
	local id
	each_upvalue(f, function(i, name)
		if name == "_ENV" then
			id = debug.upvalueid(f, i)
		end
	end)
	return id
end

-- Finds the upvalues of f by name, and of the functions in them that use the same globals: those of the same script.
local function collect(f, found, globals)
	each_upvalue(f, function(i, name, value)
		local id = debug.upvalueid(f, i)
		local known = found[name]
		if known then
			assert(known.id == id, "ambiguity local value " .. name)
			return
		end
		found[name] = { f = f, index = i, id = id }
		if type(value) == "function" and globals_of(value) == globals then
			collect(value, found, globals)
		end
	end)
end

local function find(methods, kind, name)
	for _, method in ipairs(methods) do
		if method[2] == kind and method[3] == name then
			return method
		end
	end
end

-- Makes the variables of f that have no value those of the script, and so for the functions of the patch that f uses.
local function join(f, variables)
	each_upvalue(f, function(i, name, value)
		local old = variables[name]
		if value == nil or value == patch_env then
			if old then
				debug.upvaluejoin(f, i, old.f, old.index)
			end
		elseif type(value) == "function" then
			join(value, variables)
		end
	end)
end

local function hotfix(methods, source, ...)
	local patch = interface("patch", patch_env, function(_, _, G)
		return assert(load(source, "=patch", "bt", G))
	end)
	local variables = {}
	for _, method in ipairs(methods) do
		local f = method[4]
		if f then
			collect(f, variables, globals_of(f))
		end
	end
	for _, change in ipairs(patch) do
		local _, kind, name, f = table.unpack(change)
		if f then
			local method = find(methods, kind, name) or error(("Patch mismatch %s.%s"):format(kind, name))
			join(f, variables)
			method[4] = f
		end
	end
	local run = find(patch, "system", "hotfix")
	if run and run[4] then
		return run[4](...)
	end
end

return function(methods, source, ...)
	return pcall(hotfix, methods, source, ...)
end
