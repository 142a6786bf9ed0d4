local skynet = require "skynet"
local socket = require "skynet.socket"
local socketchannel = require "skynet.socketchannel"
local check = require "check"
local case = require "case"

-- A server that answers each line with "got LINE", and ends the connection at "quit".
local function server()
	local listener, _, port = socket.listen("127.0.0.1", 0)
	socket.start(listener, function(fd)
		socket.start(fd)
		while true do
			local line = socket.readline(fd)
			if not line or line == "quit" then
				break
			end
			socket.write(fd, "got " .. line .. "\n")
		end
		socket.close(fd)
	end)
	return port
end

local function read(sock)
	return true, sock:readline()
end

case(function()
	local port = server()
	local logins = 0
	local channel = socketchannel.channel {
		host = "127.0.0.1", port = port,
		auth = function(c)
			check.equal(c:request("login\n", read), "got login")
			logins = logins + 1
		end,
	}
	channel:connect(true)
	check.equal(channel:request("a\n", read), "got a")
	local answers = {}
	for i = 1, 5 do
		skynet.fork(function() answers[i] = channel:request(i .. "\n", read) end)
	end
	check.comes(function() return #answers == 5 end)
	check.equal(answers, { "got 1", "got 2", "got 3", "got 4", "got 5" })
	check.raises("[Error: socket]", channel.request, channel, "quit\n", read)
	check.equal(channel:request("b\n", read), "got b")
	check.equal(logins, 2)
	check.equal(channel:request("c\nd\n", function(sock)
		local first = sock:readline()
		if first == "got c" then
			return true, first, true
		end
		return true, first
	end), { "got c", "got d" })
	channel:close()
	check.raises("[Error: socket]", channel.request, channel, "e\n", read)

	local sessions = socketchannel.channel {
		host = "127.0.0.1", port = port,
		response = function(sock)
			local line = sock:readline()
			local session = tonumber(line:match "%d+")
			return session, session ~= 13, line
		end,
	}
	for i = 11, 13 do
		skynet.fork(function()
			local ok, text = pcall(sessions.request, sessions, i .. "\n", i)
			answers[i] = tostring(ok) .. " " .. text
		end)
	end
	check.comes(function() return answers[11] and answers[12] and answers[13] end)
	check.equal({ answers[11], answers[12], answers[13] }, { "true got 11", "true got 12", "false got 13" })
	sessions:close()
	local nobody = socketchannel.channel { host = "127.0.0.1", port = 1 }
	check.raises("[Error: socket]", nobody.connect, nobody, true)
end)
