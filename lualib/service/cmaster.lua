-- Keeps the addresses of the network's nodes and the global names, for the slaves that connect.
--
-- A slave sends "H", its harbor id and the address that other slaves reach it at, and gets "W" with how many will connect to
-- it; those get "C", the id and the address. "R" gives a name, "N" with a name and a handle tells of one, "Q" asks for one. "D"
-- tells that a slave is gone. A message is packed as skynet.pack does, behind a byte with its length.
local skynet = require "skynet"
local socket = require "skynet.socket"

local nodes = {} -- { fd =, address = } by harbor id; without fd when it is gone
local names = {} -- handles

local function read_message(fd)
	local size = assert(socket.read(fd, 1), "the connection is closed")
	return skynet.unpack((assert(socket.read(fd, size:byte()), "the connection is closed")))
end

local function message(...)
	local body = skynet.packstring(...)
	assert(#body < 256, "a message is too long")
	return string.char(#body) .. body
end

-- Returns how many were told.
local function tell_all(text)
	local told = 0
	for _, node in pairs(nodes) do
		if node.fd then
			socket.write(node.fd, text)
			told = told + 1
		end
	end
	return told
end

local function handshake(fd)
	local kind, id, address = read_message(fd)
	assert(kind == "H", "Invalid handshake type " .. tostring(kind))
	assert(math.type(id) and id > 0 and id < 256, "Invalid slave id " .. tostring(id))
	if nodes[id] then
		error(("Slave %d already register on %s"):format(id, nodes[id].address))
	end
	local others = tell_all(message("C", id, address))
	socket.write(fd, message("W", others))
	nodes[id] = { fd = fd, address = address }
	return id, address
end

local request = {}

function request.R(_, name, handle)
	assert(type(handle) == "number", "Invalid request")
	names[name] = names[name] or handle
	tell_all(message("N", name, handle))
end

function request.Q(fd, name)
	if names[name] then
		socket.write(fd, message("N", name, names[name]))
	end
end

local function serve_request(fd, kind, ...)
	local f = request[kind]
	if f then
		f(fd, ...)
	else
		skynet.error("Invalid slave message type " .. tostring(kind))
	end
end

local function serve(fd, id, address)
	skynet.error(("Harbor %d (fd=%d) report %s"):format(id, fd, address))
	while pcall(function() serve_request(fd, read_message(fd)) end) do
	end
	skynet.error(("slave %d is down"):format(id))
	nodes[id].fd = nil
	tell_all(message("D", id))
	socket.close(fd)
end

skynet.start(function()
	local address = skynet.getenv "standalone"
	skynet.error("master listen socket " .. tostring(address))
	local listener = socket.listen(address)
	socket.start(listener, function(fd, from)
		skynet.error("connect from " .. from .. " " .. fd)
		socket.start(fd)
		local ok, id, reported = pcall(handshake, fd)
		if ok then
			skynet.fork(serve, fd, id, reported)
		else
			skynet.error(("disconnect fd = %d, error = %s"):format(fd, tostring(id)))
			socket.close(fd)
		end
	end)
end)
