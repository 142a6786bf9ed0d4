-- Services whose code is a function of the service that starts them. The function may use its arguments, and no local
-- variables of the place where it was written.
local skynet = require "skynet"

local service = {}

local provider -- service_provider
local cache = {}

local function get_provider()
	provider = provider or skynet.uniqueservice "service_provider"
	return provider
end

-- A function that is to run elsewhere can't take local variables along.
local function check(f)
	for i = 1, debug.getinfo(f, "u").nups do
		local name = debug.getupvalue(f, i)
		if name ~= "_ENV" then
			error(("the function of a service can't use the local variable %s of its surroundings"):format(name), 3)
		end
	end
end

-- service.new(name, f, ...) starts the service name, once, and returns its handle: f(...) runs in it.
function service.new(name, mainfunc, ...)
	local p = get_provider()
	local address, booting = skynet.call(p, "lua", "test", name)
	if not address then
		if booting then
			address = service.query(name)
		else
			check(mainfunc)
			address = skynet.call(p, "lua", "launch", name, string.dump(mainfunc), ...)
		end
	end
	cache[name] = { address = address }
	return address
end

-- Ends a service; true when it was there.
function service.close(name)
	local handle = skynet.call(get_provider(), "lua", "close", name)
	if handle then
		cache[name] = nil
		skynet.kill(handle)
		return true
	end
	return false
end

-- The handle of a service; waits until it is started.
function service.query(name)
	local known = cache[name]
	if not known then
		known = { address = skynet.call(get_provider(), "lua", "query", name) }
		cache[name] = known
	end
	return known.address
end

return service
