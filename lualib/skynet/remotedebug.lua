-- The service's end of debug_console's command debug: runs lines in the service, and stops messages for who debugs it.
--
-- A line is an expression, whose values are shown, or a statement. It sees the service's globals, and _U and _P as code that is
-- injected does. watch(type [, condition]) stops the next message of a type for which condition(session, source, ...) holds,
-- before it is handled: then ... are those arguments, and c lets it go on. cont ends it all.
local skynet = require "skynet"
local debugchannel = require "skynet.debugchannel"
local socketdriver = require "skynet.socketdriver"
local inject = require "skynet.inject"

local remotedebug = {}

local IDLE = 3600 -- seconds
local active = false

local function session(fd, channel, environment)
	local watched = {} -- handlers by type
	local stopped -- the message that waits
	local open = true

	local function print(...)
		local parts = table.pack(...)
		for i = 1, parts.n do
			parts[i] = tostring(parts[i])
		end
		parts[parts.n + 1] = "\n"
		socketdriver.send(fd, table.concat(parts, "\t"))
	end

	local function prompt()
		socketdriver.send(fd, stopped and stopped.place or (":%08x>"):format(skynet.self()))
	end

	local function stop(handler, ...)
		if stopped or not open then
			return
		end
		local info = debug.getinfo(handler, "S")
		stopped = table.pack(...)
		stopped.place = ("%s(%d)>"):format(info.short_src, info.linedefined)
		prompt()
		skynet.wait(stopped)
	end

	local function go_on()
		if stopped then
			local message = stopped
			stopped = nil
			skynet.wakeup(message)
		end
	end

	local function unwatch(name)
		skynet.dispatch(name, watched[name])
		watched[name] = nil
	end

	local function watch(name, condition)
		if watched[name] then
			unwatch(name)
		end
		local handler = skynet.dispatch(name)
		if not handler then
			return "No dispatch"
		end
		watched[name] = handler
		skynet.dispatch(name, function(...)
			if watched[name] and (condition == nil or condition(...)) then
				unwatch(name)
				stop(handler, ...)
			end
			return handler(...)
		end)
	end

	environment.print, environment.watch = print, watch
	getmetatable(environment).__newindex = _ENV -- what a line assigns is the service's

	local function evaluate(line)
		local f = load("return " .. line, "=debug", "t", environment)
		local shows, problem = f ~= nil, nil
		if not f then
			f, problem = load(line, "=debug", "t", environment)
		end
		if not f then
			print(problem)
			return
		end
		local function show(ok, ...)
			if shows or not ok then
				print(...)
			end
		end
		show(pcall(f, table.unpack(stopped or {}, 1, stopped and stopped.n or 0)))
	end

	local function obey(line)
		if line == "c" and stopped then
			go_on()
		elseif line ~= "" then
			evaluate(line)
		end
	end

	prompt()
	while true do
		local line, more = channel:read(IDLE)
		if line == "cont" or not more then
			break
		elseif line then
			obey(line)
			prompt()
		end
	end
	open = false
	for name in pairs(watched) do
		unwatch(name)
	end
	go_on()
end

-- Answers the request being handled when the session of the channel with that handle is over. What is shown goes to a socket.
function remotedebug.start(protocols, fd, handle)
	assert(not active, "Already in debug mode")
	local channel = debugchannel.connect(handle)
	local respond = skynet.response()
	active = true
	skynet.error "Enter debug mode"
	skynet.fork(function()
		local ok, problem = pcall(session, fd, channel, inject.environment(protocols))
		active = false
		skynet.error "Leave debug mode"
		respond(ok, problem)
		if not ok then
			error(problem, 0)
		end
	end)
end

return remotedebug
