-- Keeps the addresses of the network's nodes and the global names, for the slaves that connect: each sends its harbor id and
-- the address that other slaves reach it at.
local skynet = require "skynet"
local socket = require "skynet.socket"

local nodes = {} -- { fd =, address = } by harbor id
local names = {} -- handles

local function read_message(fd)
	local size = socket.read(fd, 1)
	if not size then
		return nil
	end
	local body = socket.read(fd, size:byte())
	return body and table.pack(skynet.unpack(body))
end

local function message(...)
	local body = skynet.packstring(...)
	return string.char(#body) .. body
end

local function tell_others(id, ...)
	local text = message(...)
	for other, node in pairs(nodes) do
		if other ~= id then
			socket.write(node.fd, text)
		end
	end
end

local function serve(fd)
	local hello = read_message(fd)
	if not hello or hello[1] ~= "H" then
		error "Invalid handshake"
	end
	local id, address = hello[2], hello[3]
	if nodes[id] then
		error(("Slave %d already register on %s"):format(id, nodes[id].address))
	end
	nodes[id] = { fd = fd, address = address }
	skynet.error(("Harbor %d (fd=%d) report %s"):format(id, fd, address))
	socket.write(fd, message("W", 0))
	while true do
		local request = read_message(fd)
		if not request then
			break
		end
		if request[1] == "R" then
			names[request[2]] = request[3]
			tell_others(id, "N", request[2], request[3])
		elseif request[1] == "Q" and names[request[2]] then
			socket.write(fd, message("N", request[2], names[request[2]]))
		end
	end
	nodes[id] = nil
	skynet.error(("slave %d is down"):format(id))
	tell_others(id, "D", id)
end

skynet.start(function()
	local address = skynet.getenv "standalone"
	skynet.error("master listen socket " .. tostring(address))
	local listener = socket.listen(address)
	socket.start(listener, function(fd, from)
		skynet.error("connect from " .. from .. " " .. fd)
		socket.start(fd)
		local ok, err = pcall(serve, fd)
		if not ok then
			skynet.error(("disconnect fd = %d, error = %s"):format(fd, tostring(err)))
		end
		socket.close(fd)
	end)
end)
