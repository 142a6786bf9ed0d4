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

	local got
	local server = socket.udp(function(text, from)
		got = text
		socket.sendto(got and skynet.server, from, "re:" .. text)
	end, "127.0.0.1", 0)
	skynet.server = server
	for _, info in ipairs(socket.netstat()) do
		if info.id == server then
			port = tonumber(info.sock:match ":(%d+)$")
		end
	end
	local answer
	local client = socket.udp(function(text) answer = text end)
	socket.udp_connect(client, "127.0.0.1", port)
	socket.write(client, "ping")
	for _ = 1, 50 do
		if answer then
			break
		end
		skynet.sleep(1)
	end
	check.equal(answer, "re:ping")
	socket.close(server)
	socket.close(client)
end)
