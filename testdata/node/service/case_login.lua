-- A client logs in by a login server and talks to a message server.
local skynet = require "skynet"
local socket = require "skynet.socket"
local crypt = require "skynet.crypt"
local check = require "check"
local case = require "case"

local function packet(text)
	return string.char(math.floor(#text / 256), #text % 256) .. text
end

local function read_packet(fd)
	local high, low = socket.read(fd, 2):byte(1, 2)
	return socket.read(fd, high * 256 + low)
end

local function login(port, user, password)
	local fd = assert(socket.open("127.0.0.1", port))
	local function send(bytes) socket.write(fd, crypt.base64encode(bytes) .. "\n") end
	local challenge = crypt.base64decode(socket.readline(fd))
	local key = crypt.randomkey()
	send(crypt.dhexchange(key))
	local secret = crypt.dhsecret(crypt.base64decode(socket.readline(fd)), key)
	send(crypt.hmac64(challenge, secret))
	send(crypt.desencode(secret, user .. ":" .. password))
	local result = socket.readline(fd)
	socket.close(fd)
	return result, secret
end

case(function()
	local port, gate_port = check.port(), check.port()
	local gate = skynet.newservice "msggate"
	check.equal(skynet.call(gate, "lua", "open", { address = "127.0.0.1", port = gate_port, servername = "game" }), "ready")
	local logind = skynet.newservice("logind", port, gate)
	check.equal(login(port, "bob", "wrong"), "401 Unauthorized")
	local result, secret = login(port, "bob", "secret")
	local subid = crypt.base64decode(result:match "^200 (.*)$")
	check.equal(subid, "1")

	local fd = assert(socket.open("127.0.0.1", gate_port))
	local name = ("%s@%s#%s:1"):format(crypt.base64encode "bob", crypt.base64encode "game", crypt.base64encode(subid))
	socket.write(fd, packet(name .. ":" .. crypt.base64encode(crypt.hmac64(crypt.hashkey(name), secret))))
	check.equal(read_packet(fd), "200 OK")
	socket.write(fd, packet "hello\0\0\0\1")
	check.equal(read_packet(fd), "HELLO\1\0\0\0\1")
	socket.write(fd, packet "fail\0\0\0\2")
	check.equal(read_packet(fd), "\0\0\0\0\2")
	socket.close(fd)
	skynet.send(logind, "debug", "EXIT")
end)
