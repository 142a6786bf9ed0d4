-- The names of a network, on one of its nodes. It reports to the master.
local skynet = require "skynet"
require "skynet.manager"
local socket = require "skynet.socket"

local names = {}
local asked = {} -- the responses to those who ask for a name, by name
local harbor_service
local master -- socket

skynet.register_protocol {
	name = "harbor",
	id = skynet.PTYPE_HARBOR,
	pack = function(...) return ... end,
	unpack = skynet.tostring,
	dispatch = function() end,
}

local function message(...)
	local body = skynet.packstring(...)
	return string.char(#body) .. body
end

local function read_message()
	local size = socket.read(master, 1)
	local body = size and socket.read(master, size:byte())
	return body and table.pack(skynet.unpack(body))
end

-- Reports to the master, and learns the names that other nodes give.
local function connect(harbor)
	local address = skynet.getenv "master"
	local err
	master, err = socket.open(address)
	assert(master, ("Can't connect to master %s: %s"):format(tostring(address), tostring(err)))
	socket.write(master, message("H", harbor, skynet.getenv "address"))
	assert(read_message(), "the master refused the harbor id " .. harbor)
	skynet.fork(function()
		while read_message() do
		end
		skynet.error "Master disconnect"
		socket.close(master)
	end)
end

local function register(name, handle)
	assert(names[name] == nil, "the name is taken")
	names[name] = handle
	socket.write(master, message("R", name, handle))
	skynet.redirect(harbor_service, handle, "harbor", 0, "N " .. name)
	for _, respond in ipairs(asked[name] or {}) do
		respond(true, handle)
	end
	asked[name] = nil
end

local command = {}

function command.REGISTER(name, handle)
	register(name, handle)
	return handle
end

function command.QUERYNAME(name)
	if name:byte() == 46 then -- "."
		return skynet.localname(name)
	end
	local handle = names[name]
	if handle then
		return handle
	end
	asked[name] = asked[name] or {}
	table.insert(asked[name], skynet.response())
	return false
end

function command.LINK()
	skynet.response() -- there is no other node: never answered
	return false
end

function command.LINKMASTER()
	skynet.response()
	return false
end

function command.CONNECT()
	skynet.response()
	return false
end

skynet.start(function()
	local harbor = tonumber(skynet.getenv "harbor" or 0)
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(command[cmd], cmd)
		local result = f(...)
		if result ~= false then
			skynet.ret(skynet.pack(result))
		end
	end)
	connect(harbor)
	harbor_service = assert(skynet.launch("harbor", harbor, skynet.self()))
end)
