local skynet = require "skynet"
local socket = require "skynet.socket"
local check = require "check"
local case = require "case"

case(function()
	local server
	server = socket.udp(function(text, from)
		socket.sendto(server, from, "re:" .. text)
	end, "127.0.0.1", 0)
	local port
	for _, info in ipairs(socket.netstat()) do
		if info.id == server then
			port = tonumber(info.sock:match ":(%d+)$")
		end
	end
	local answer
	local client = socket.udp(function(text) answer = text end)
	socket.udp_connect(client, "127.0.0.1", port)
	socket.write(client, "ping")
	check.comes(function() return answer end)
	check.equal(answer, "re:ping")
	socket.close(server)
	socket.close(client)
end)
