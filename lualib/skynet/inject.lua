-- Runs code in a running service. The code sees the service's globals; _U has the local variables that the functions which
-- handle its messages use, and _P the same by message type. What it prints is returned.
local skynet = require "skynet"

local inject = {}

-- The upvalues of f, and of functions in them, by name.
local function upvalues(f, found, seen)
	if seen[f] then
		return found
	end
	seen[f] = true
	local i = 1
	while true do
		local name, value = debug.getupvalue(f, i)
		if name == nil then
			return found
		end
		if found[name] == nil then
			found[name] = value
		end
		if type(value) == "function" then
			upvalues(value, found, seen)
		end
		i = i + 1
	end
end

-- The environment of code that runs in the service: protocol_names are those of the message types that it knows.
function inject.environment(protocol_names)
	local all, protocols = {}, {}
	for _, name in ipairs(protocol_names) do
		local f = skynet.dispatch(name)
		if type(f) == "function" then
			protocols[name] = upvalues(f, {}, {})
			upvalues(f, all, {})
		end
	end
	return setmetatable({ _U = all, _P = protocols }, { __index = _ENV })
end

function inject.run(protocol_names, source, filename, ...)
	if filename then
		filename = "@" .. filename
	else
		filename = "=(load)"
	end
	local output = {}
	local env = inject.environment(protocol_names)
	function env.print(...)
		local line = {}
		for i = 1, select("#", ...) do
			line[i] = tostring((select(i, ...)))
		end
		output[#output + 1] = table.concat(line, "\t")
	end
	local f, err = load(source, filename, "bt", env)
	if not f then
		return false, { err }
	end
	local ok, problem = pcall(f, ...)
	if not ok then
		output[#output + 1] = tostring(problem)
		return false, output
	end
	return true, output
end

return inject
