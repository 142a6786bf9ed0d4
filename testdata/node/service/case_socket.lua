local skynet = require "skynet"
local socket = require "skynet.socket"
local check = require "check"
local case = require "case"

case(function()
	local listener, _, port = socket.listen("127.0.0.1", 0)
	socket.start(listener, function(fd, address)
		assert(address:find "^127%.0%.0%.1:%d+$")
		socket.start(fd)
		local line = socket.readline(fd)
		socket.write(fd, line .. "!")
		socket.close(fd)
	end)
	local fd = assert(socket.open("127.0.0.1:" .. port))
	socket.write(fd, "hello\n")
	check.equal(socket.readall(fd), "hello!")
	check.equal(socket.readall(fd), false)
	socket.close(fd)
	check.raises("assertion failed!", socket.read, fd)
	socket.close(listener)
	check.equal({ socket.open("127.0.0.1", port) }, { nil, "Connection refused" })
end)
