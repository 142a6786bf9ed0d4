-- A gate: packets of two bytes of length go to the watchdog, then to an agent.
local skynet = require "skynet"
local socket = require "skynet.socket"
local check = require "check"

local seen = {}
local gate

local function packet(text)
	return string.char(math.floor(#text / 256), #text % 256) .. text
end

local function wait_for(n)
	check.comes(function() return #seen >= n end)
end

local function run()
	gate = skynet.newservice "gate"
	local address, port = skynet.call(gate, "lua", "open", { address = "127.0.0.1", port = 0, maxclient = 8, nodelay = true })
	check.equal(address, "127.0.0.1")
	local fd = assert(socket.open("127.0.0.1", port))
	wait_for(1)
	check.equal(seen[1][1], "open")
	local client = seen[1][2]
	skynet.call(gate, "lua", "accept", client)
	socket.write(fd, packet "one" .. packet "two" .. "\0")
	wait_for(3)
	check.equal({ seen[2][3], seen[3][3] }, { "one", "two" })
	socket.write(fd, "\5three")
	wait_for(4)
	check.equal(seen[4], { "data", client, "three" })
	local agent = skynet.newservice("agent", client)
	skynet.call(gate, "lua", "forward", client, 0, agent)
	socket.write(fd, packet "question")
	check.equal(socket.read(fd, 10), packet "QUESTION")
	socket.write(fd, packet(("x"):rep(65535)))
	check.equal(socket.read(fd, 65537), packet(("X"):rep(65535)))
	socket.close(fd)
	wait_for(5)
	check.equal(seen[5], { "close", client })
	local kicked = assert(socket.open("127.0.0.1", port))
	wait_for(6)
	skynet.call(gate, "lua", "accept", seen[6][2])
	skynet.call(gate, "lua", "kick", seen[6][2])
	check.equal({ socket.read(kicked) }, { false, "" })
	socket.close(kicked)
	wait_for(7)
	check.equal(seen[7], { "close", seen[6][2] })
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, command, ...)
		if command == "socket" then
			seen[#seen + 1] = { ... }
			return
		end
		local ok, err = xpcall(run, debug.traceback)
		skynet.retpack(ok, err)
	end)
end)
