-- Starts services that exist once: per node (LAUNCH), or in the whole network (GLAUNCH, done by the master node).
local skynet = require "skynet"
require "skynet.manager"

local command = {}

-- By name: a handle; or, while the service is being started or asked for, { launch = who starts it, waiting = responses };
-- or the text of the error that starting it raised.
local services = {}

local function snax_name(name, class)
	return name == "snaxd" and "snaxd." .. class or name
end

local function answer(waiting, ...)
	for _, respond in ipairs(waiting) do
		respond(...)
	end
end

-- Waits for the running start of a service.
local function wait_for(entry, session, source)
	entry.waiting[#entry.waiting + 1] = skynet.response()
	entry.info[#entry.info + 1] = { session = session, source = source }
end

local NO_ANSWER = {}

-- Starts a service by start(...), if it isn't there.
local function launch(name, start, ...)
	local entry = services[name]
	if type(entry) == "number" then
		return entry
	elseif type(entry) == "string" then
		error(entry, 0)
	elseif entry and entry.launch then
		wait_for(entry, skynet.context())
		return NO_ANSWER
	end
	entry = entry or { waiting = {}, info = {} }
	services[name] = entry
	entry.launch = { start = skynet.time(), session = skynet.context(), source = select(2, skynet.context()) }
	local ok, handle = pcall(start, ...)
	if ok and handle then
		services[name] = handle
		skynet.fork(answer, entry.waiting, true, handle) -- behind who started it
		return handle
	end
	local err = ok and "service " .. name .. " did not start" or tostring(handle)
	services[name] = err
	skynet.fork(answer, entry.waiting, true, nil, err)
	error(err, 0)
end

-- Waits until a service is started.
local function query(name)
	local entry = services[name]
	if type(entry) == "number" then
		return entry
	elseif type(entry) == "string" then
		error(entry, 0)
	end
	entry = entry or { waiting = {}, info = {} }
	services[name] = entry
	wait_for(entry, skynet.context())
	return NO_ANSWER
end

local function start_local(name, ...)
	return skynet.newservice(name, ...)
end

function command.LAUNCH(name, ...)
	return launch(snax_name(name, ...), name == "snaxd" and function(class, ...)
		return require "skynet.snax".rawnewservice(class, ...)
	end or function(...)
		return start_local(name, ...)
	end, ...)
end

function command.QUERY(name, class)
	return query(snax_name(name, class))
end

-- The services that are started, that are being started (with who waits for them) and that failed.
local function list_services()
	local list = {}
	for name, entry in pairs(services) do
		if type(entry) == "table" then
			local parts = {}
			for _, info in ipairs(entry.info) do
				parts[#parts + 1] = ("%s (session %d)"):format(skynet.address(info.source), info.session)
			end
			local text = entry.launch and ("Init by %s since %s"):format(skynet.address(entry.launch.source),
				os.date("%c", math.floor(entry.launch.start))) or "Querying"
			list[name] = #parts > 0 and text .. ", " .. table.concat(parts, ",") or text
		elseif type(entry) == "number" then
			list[name] = skynet.address(entry)
		else
			list[name] = "Error: " .. entry
		end
	end
	return list
end

local function is_global(name)
	return name:sub(1, 1) == "@"
end

-- The master node keeps the network's services beside its own, under "@name".
local function be_master()
	local nodes = {}

	function command.GLAUNCH(name, ...)
		local class = ...
		local key = "@" .. snax_name(name, class)
		if name == "snaxd" then
			return launch(key, function(class, ...) return require "skynet.snax".rawnewservice(class, ...) end, ...)
		end
		return launch(key, start_local, name, ...)
	end

	function command.GQUERY(name, class)
		return query("@" .. snax_name(name, class))
	end

	function command.REPORT(manager)
		nodes[manager] = true
	end

	local function add(list, manager)
		local harbor = "@" .. skynet.harbor(manager)
		local ok, result = pcall(skynet.call, manager, "lua", "LIST")
		for name, text in pairs(ok and result or {}) do
			list[name .. harbor] = text
		end
	end

	function command.LIST()
		local list = {}
		for manager in pairs(nodes) do
			add(list, manager)
		end
		for name, text in pairs(list_services()) do
			if is_global(name) then
				list[name] = text
			else
				list[name .. "@" .. skynet.harbor(skynet.self())] = text
			end
		end
		return list
	end
end

local function be_slave()
	local function ask(cmd, name, ...)
		local key = "@" .. snax_name(name, ...)
		local handle = services[key]
		if type(handle) == "number" then
			return handle
		end
		local err
		handle, err = skynet.call("SERVICE", "lua", cmd, name, ...)
		services[key] = assert(handle, err)
		return handle
	end

	function command.GLAUNCH(...)
		return ask("GLAUNCH", ...)
	end

	function command.GQUERY(...)
		return ask("GQUERY", ...)
	end

	function command.LIST()
		return list_services()
	end

	skynet.call("SERVICE", "lua", "REPORT", skynet.self())
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = command[cmd]
		if not f then
			skynet.ret(skynet.pack(nil, "Invalid command " .. cmd))
			return
		end
		local ok, result = pcall(f, ...)
		if not ok then
			skynet.ret(skynet.pack(nil, result))
		elseif result ~= NO_ANSWER then
			skynet.ret(skynet.pack(result))
		end
	end)
	local known = skynet.localname ".service"
	if known then
		skynet.error(".service is already register by ", skynet.address(known))
		skynet.exit()
	end
	skynet.register ".service"
	if skynet.getenv "standalone" then
		skynet.register "SERVICE"
		be_master()
	else
		be_slave()
	end
end)
