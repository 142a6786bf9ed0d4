-- Starts services, and knows those that it has started.
local skynet = require "skynet"
local core = require "skynet.core"
require "skynet.manager"

local command = {}
local services = {} -- command lines by handle
local starting = {} -- the response to whoever waits for a service, by its handle
local sessions = {} -- of those requests

local NO_ANSWER = {}

local function handle_of(address)
	return tonumber("0x" .. address:sub(2))
end

-- Asks all services by their debug protocol, and waits for timeout hundredths of a second, or for all. The list has what
-- show(answer, handle) makes of an answer, or of "ERROR" or "TIMEOUT".
local function ask_all(timeout, show, ...)
	local requests, unanswered = skynet.request(), {}
	for handle in pairs(services) do
		local request = { handle, "debug", ... }
		requests:add(request)
		unanswered[request] = handle
	end
	local list = {}
	for request, answer in requests:select(timeout) do
		local handle = request[1]
		list[skynet.address(handle)] = show(answer and answer[1] or "ERROR", handle)
		unanswered[request] = nil
	end
	for _, handle in pairs(unanswered) do
		list[skynet.address(handle)] = show("TIMEOUT", handle)
	end
	return list
end

function command.LIST()
	local list = {}
	for handle, line in pairs(services) do
		list[skynet.address(handle)] = line
	end
	return list
end

function command.STAT(_, timeout)
	return ask_all(timeout, function(stat) return stat end, "STAT")
end

function command.KILL(_, handle)
	if type(handle) == "string" then
		handle = handle_of(handle)
	end
	skynet.kill(handle)
	local line = services[handle]
	services[handle] = nil
	return { [skynet.address(handle)] = tostring(line) }
end

function command.MEM(_, timeout)
	return ask_all(timeout, function(memory, handle)
		local text = type(memory) == "string" and memory or ("%.2f Kb"):format(memory)
		return ("%s (%s)"):format(text, tostring(services[handle]))
	end, "MEM")
end

function command.GC(address, timeout)
	for handle in pairs(services) do
		skynet.send(handle, "debug", "GC")
	end
	return command.MEM(address, timeout)
end

-- A service has ended. killed: not by itself.
function command.REMOVE(_, handle, killed)
	services[handle] = nil
	local respond = starting[handle]
	if respond then
		-- It ended before it was started: an answer for one that did so by itself, else an error.
		respond(not killed)
		starting[handle], sessions[handle] = nil, nil
	end
	return NO_ANSWER
end

-- The words before the first nil.
local function words(...)
	local list = {}
	for i = 1, select("#", ...) do
		local word = select(i, ...)
		if word == nil then
			break
		end
		list[i] = word
	end
	return list
end

local function launch(service, ...)
	local line = table.concat(words(...), " ")
	local handle = skynet.launch(service, line)
	local session = skynet.context()
	local respond = skynet.response()
	if not handle then
		respond(false)
		return nil
	end
	services[handle] = service .. " " .. line
	starting[handle] = respond
	sessions[handle] = session
	return handle
end

function command.LAUNCH(_, service, ...)
	launch(service, ...)
	return NO_ANSWER
end

-- Starts a service whose messages are logged.
function command.LOGLAUNCH(_, service, ...)
	local handle = launch(service, ...)
	if handle then
		core.command("LOGON", skynet.address(handle))
	end
	return NO_ANSWER
end

function command.ERROR(address)
	local respond = starting[address]
	if respond then
		respond(false)
		sessions[address], starting[address] = nil, nil
	end
	services[address] = nil
	return NO_ANSWER
end

function command.LAUNCHOK(address)
	local respond = starting[address]
	if respond then
		respond(true, address)
		starting[address], sessions[address] = nil, nil
	end
	return NO_ANSWER
end

-- The service that a session of LAUNCH is for.
function command.QUERY(_, session)
	for handle, s in pairs(sessions) do
		if s == session then
			return handle
		end
	end
end

-- Services written in C say that they are ready by an empty text message.
skynet.register_protocol {
	name = "text",
	id = skynet.PTYPE_TEXT,
	unpack = skynet.tostring,
	dispatch = function(_, address, text)
		if text == "" then
			command.LAUNCHOK(address)
		elseif text == "ERROR" then
			command.ERROR(address)
		else
			error("Invalid text command " .. text)
		end
	end,
}

skynet.dispatch("lua", function(_, address, cmd, ...)
	cmd = type(cmd) == "string" and cmd:upper() or tostring(cmd)
	local f = command[cmd]
	if not f then
		skynet.ret(skynet.pack { "Unknown command" })
		return
	end
	local result = f(address, ...)
	if result ~= NO_ANSWER then
		skynet.ret(skynet.pack(result))
	end
end)

skynet.start(function() end)
