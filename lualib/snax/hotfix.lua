-- Replaces methods of a running snax service by those of a patch. A patch names the locals of the script that it needs
-- at its top; they are the same variables then.
local interface = require "snax.interface"

local patch_env = { require = function() end }

-- Finds the upvalues of f, and of the functions in them, by name.
local function collect(f, found)
	local i = 1
	while true do
		local name, value = debug.getupvalue(f, i)
		if name == nil then
			return
		end
		local id = debug.upvalueid(f, i)
		local known = found[name]
		if not known then
			found[name] = { f = f, index = i, id = id }
			if type(value) == "function" then
				collect(value, found)
			end
		elseif name ~= "_ENV" then
			assert(known.id == id, "ambiguity local value " .. name)
		end
		i = i + 1
	end
end

local function find(methods, kind, name)
	for _, method in ipairs(methods) do
		if method[2] == kind and method[3] == name then
			return method
		end
	end
end

local function replace(methods, variables, kind, name, f)
	local method = find(methods, kind, name)
	if not method then
		error(("Patch mismatch %s.%s"):format(kind, name))
	end
	local i = 1
	while true do
		local variable, value = debug.getupvalue(f, i)
		if variable == nil then
			break
		end
		local old = variables[variable]
		if old and (value == nil or value == patch_env) then
			debug.upvaluejoin(f, i, old.f, old.index)
		end
		i = i + 1
	end
	method[4] = f
end

local function hotfix(methods, source, ...)
	local patch = interface("patch", patch_env, function(_, _, G)
		return assert(load(source, "=patch", "bt", G))
	end)
	local variables = {}
	for _, method in ipairs(methods) do
		if method[4] then
			collect(method[4], variables)
		end
	end
	for _, method in ipairs(patch) do
		if method[4] then
			replace(methods, variables, method[2], method[3], method[4])
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
