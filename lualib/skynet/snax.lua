-- snax: services whose methods are called as functions, obj.req.method(...) with an answer and obj.post.method(...) without.
local skynet = require "skynet"
local snax_interface = require "snax.interface"

local snax = {}

skynet.register_protocol {
	name = "snax",
	id = skynet.PTYPE_SNAX,
	pack = skynet.pack,
	unpack = skynet.unpack,
}

local interface_g = skynet.getenv "snax_interface_g"
local G = interface_g and require(interface_g) or { require = function() end }

local types = {}

-- The numbers of a service type's methods: fields accept, response and system by name.
function snax.interface(name)
	local known = types[name]
	if known then
		return known
	end
	local class = { name = name, accept = {}, response = {}, system = {} }
	for _, method in ipairs((snax_interface(name, G))) do
		local number, kind, method_name = method[1], method[2], method[3]
		class[kind][method_name] = number
	end
	types[name] = class
	return class
end

local function methods_of(numbers, complaint, class, deliver, handle)
	return setmetatable({}, {
		__index = function(_, name)
			local number = numbers[name]
			if not number then
				error(complaint:format(class.name, name))
			end
			return function(...)
				return deliver(handle, "snax", number, ...)
			end
		end,
	})
end

local function post(...)
	skynet.send(...)
end

local object_meta = {
	__tostring = function(obj) return ("[%s:%x]"):format(obj.type, obj.handle) end,
}

local objects = setmetatable({}, { __mode = "kv" })

-- The object of a running service.
function snax.bind(handle, name)
	local obj = objects[handle]
	if obj then
		assert(obj.type == name)
		return obj
	end
	local class = snax.interface(name)
	obj = setmetatable({
		post = methods_of(class.accept, "post %s:%s no exist", class, post, handle),
		req = methods_of(class.response, "request %s:%s no exist", class, skynet.call, handle),
		type = name,
		handle = handle,
	}, object_meta)
	objects[handle] = obj
	return obj
end

-- Starts a service and returns its handle.
function snax.rawnewservice(name, ...)
	local class = snax.interface(name)
	local handle = skynet.newservice("snaxd", name)
	objects[handle] = nil
	if class.system.init then
		skynet.call(handle, "snax", class.system.init, ...)
	end
	return handle
end

function snax.newservice(name, ...)
	return snax.bind(snax.rawnewservice(name, ...), name)
end

function snax.uniqueservice(name, ...)
	return snax.bind(assert(skynet.call(".service", "lua", "LAUNCH", "snaxd", name, ...)), name)
end

function snax.globalservice(name, ...)
	return snax.bind(assert(skynet.call(".service", "lua", "GLAUNCH", "snaxd", name, ...)), name)
end

function snax.queryservice(name)
	return snax.bind(assert(skynet.call(".service", "lua", "QUERY", "snaxd", name)), name)
end

function snax.queryglobal(name)
	return snax.bind(assert(skynet.call(".service", "lua", "GQUERY", "snaxd", name)), name)
end

function snax.kill(obj, ...)
	skynet.call(obj.handle, "snax", snax.interface(obj.type).system.exit, ...)
end

function snax.self()
	return snax.bind(skynet.self(), SERVICE_NAME)
end

function snax.exit(...)
	snax.kill(snax.self(), ...)
end

local function results(ok, ...)
	if ok then
		return ...
	end
	error(...)
end

-- Replaces methods by those of source, and returns what the patch's function hotfix does.
function snax.hotfix(obj, source, ...)
	return results(skynet.call(obj.handle, "snax", snax.interface(obj.type).system.hotfix, source, ...))
end

function snax.printf(fmt, ...)
	skynet.error(fmt:format(...))
end

-- The calls and the seconds of each method, { name = { count =, time = } }.
function snax.profile_info(obj)
	return skynet.call(obj.handle, "snax", snax.interface(obj.type).system.profile)
end

return snax
