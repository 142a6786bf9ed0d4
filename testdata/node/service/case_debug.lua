local skynet = require "skynet"
local socket = require "skynet.socket"
local httpc = require "http.httpc"
local check = require "check"
local case = require "case"

case(function()
	local port = check.port()
	local console = skynet.newservice("debug_console", port)
	local echo = skynet.newservice "echo"
	local address = skynet.address(echo)
	local fd = assert(socket.open("127.0.0.1", port))
	check.equal(socket.readline(fd), "Welcome to skynet console")
	local function ask(command)
		socket.write(fd, command .. "\n")
		local lines = {}
		while true do
			local line = socket.readline(fd)
			if line == "<CMD OK>" or line == "<CMD Error>" or not line then
				return table.concat(lines, "\n"), line
			end
			lines[#lines + 1] = line
		end
	end
	local function has(command, text)
		local got, status = ask(command)
		if not got:find(text, 1, true) then
			error(("%s: got %s %s, want %s"):format(command, got, tostring(status), text), 2)
		end
	end
	has("help", "list\tList all the service")
	has("list", address .. "\tsnlua echo")
	has("stat", "mqlen:0")
	has("mem", "Kb (snlua echo)")
	has("gc", "Kb (snlua echo)")
	check.equal(ask("ping " .. address):match "^%d+$" ~= nil, true)
	has("call " .. address .. " 'echo',1,{2}", "1\t1")
	has("start echo more", "\techo")
	has("start nowhere", "Failed")
	has("service", "multicastd")
	has("getenv answer", "answer\t42")
	has("task " .. skynet.address(skynet.self()), "stack traceback")
	has("netstat", "LISTEN")
	has("cmem", "total")
	has("jmem", "stats.allocated")
	has("dbgcmd " .. address .. " PING", "")
	has("kill " .. address, "snlua echo")
	check.equal({ ask "nonsense" }, { "Invalid command, type help for command list\n", "<CMD Error>" })
	socket.close(fd)
	fd = assert(socket.open("127.0.0.1", port))
	socket.write(fd, "GET /getenv/answer HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
	check.equal(socket.readall(fd), "Welcome to skynet console\nanswer\t42\n<CMD OK>\n")
	socket.close(fd)
	check.raises("call to invalid address", skynet.call, echo, "lua", "echo")
	skynet.send(console, "debug", "EXIT")
end)
