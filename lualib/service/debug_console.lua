-- A console for a running node, by telnet or nc; one command may be asked by HTTP: GET /stat, GET /info/:01000008, or a POST
-- with the command line as its body. Arguments: [address] port.
--
-- Whoever reaches it runs code in the services. So on an address that others than this machine reach, the setting
-- console_token is required: then the first line must be the token, or the header "authorization: Bearer TOKEN". And pages
-- in a browser of this machine are turned away, by the headers that browsers send, and by the name that they connect to.
local skynet = require "skynet"
require "skynet.manager"
local core = require "skynet.core"
local codecache = require "skynet.codecache"
local debugchannel = require "skynet.debugchannel"
local socket = require "skynet.socket"
local snax = require "skynet.snax"
local memory = require "skynet.memory"
local httpd = require "http.httpd"
local sockethelper = require "http.sockethelper"
local crypt = require "skynet.crypt"

local arg = table.pack(...)
assert(arg.n <= 2)
local ip = arg.n == 2 and arg[1] or "127.0.0.1"
local port = tonumber(arg[arg.n])
local TIMEOUT = 300 -- hundredths of a second
local BODY_LIMIT = 8192
local token = skynet.getenv "console_token"

local function is_loopback(address)
	return address == "localhost" or address == "::1" or address:find "^127%.%d+%.%d+%.%d+$" ~= nil
end
assert(token or is_loopback(ip), ("debug_console: %s can be reached from outside: set console_token, or listen on 127.0.0.1"):format(ip))

local COMMAND = {} -- f(args...) -> list
local COMMANDX = {} -- f{ line, args..., fd = socket } -> list

local function sorted_keys(t)
	local keys = {}
	for k in pairs(t) do
		keys[#keys + 1] = k
	end
	table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
	return keys
end

local function format_fields(t)
	local parts = {}
	for _, k in ipairs(sorted_keys(t)) do
		parts[#parts + 1] = ("%s:%s"):format(tostring(k), tostring(t[k]))
	end
	return table.concat(parts, "\t")
end

local function dump(print, list)
	for _, k in ipairs(sorted_keys(list)) do
		local v = list[k]
		print(k, type(v) == "table" and format_fields(v) or tostring(v))
	end
end

-- What is told of a service that was started: its address, and the first of the words that started it.
local function started(address, name)
	return { [skynet.address(address)] = name }
end

local function words(line)
	local list = {}
	for word in line:gmatch "%S+" do
		list[#list + 1] = word
	end
	return list
end

-- Returns the next line, if the command has read it.
local function execute(line, print, fd)
	local list = words(line)
	local name = list[1]
	local ok, result
	if COMMAND[name] then
		ok, result = pcall(COMMAND[name], table.unpack(list, 2))
	elseif COMMANDX[name] then
		list.fd, list[1] = fd, line
		ok, result = pcall(COMMANDX[name], list)
	else
		print("Invalid command, type help for command list")
	end
	if not ok then
		print(result == nil and "" or result)
		print("<CMD Error>")
		return list.unread
	end
	if type(result) == "table" then
		dump(print, result)
	elseif result ~= nil then
		print(result)
	end
	print("<CMD OK>")
	return list.unread
end

-- Without the token's length or text in the time that it takes.
local function is_token(text)
	return text ~= nil and crypt.sha1(text) == crypt.sha1(token)
end

-- Tells a name that an attacker's DNS may have pointed here from what the user connects to.
local function is_own_host(host)
	local name = host:match "^%[(.-)%]:?%d*$" or host:match "^([^:]*):?%d*$"
	return name ~= nil and (name == "localhost" or name == ip or name:find "^%d+%.%d+%.%d+%.%d+$" ~= nil or name:find "^[%x:]+:[%x:.]*$" ~= nil)
end

-- Returns why a request by HTTP is not obeyed, or nothing.
local function refusal(method, header)
	local site = header["sec-fetch-site"]
	if method ~= "GET" and method ~= "POST" then
		return "GET or POST expected"
	elseif header.origin or header.referer or (site and site ~= "none") then
		return "a page in a browser may not ask"
	elseif type(header.host) == "table" or (header.host and not is_own_host(header.host)) then
		return "the host in the request is not this one"
	elseif token and not is_token((tostring(header.authorization):match "^Bearer (.*)$")) then
		return "console_token is missing"
	end
end

local function serve_http(fd, line, print)
	local status, url, method, header, body = httpd.read_request(sockethelper.readfunc(fd, line .. "\n"), BODY_LIMIT)
	if status == 200 then
		local refused = refusal(method, header)
		if refused then
			print("Refused: " .. refused)
			print("<CMD Error>")
		elseif method == "GET" then
			execute(url:sub(2):gsub("/", " "), print, fd)
		else
			execute(body or "", print, fd)
		end
	else
		print "<CMD Error>"
	end
end

local function serve(fd, print, address)
	print("Welcome to skynet console")
	skynet.error(address, "connected")
	local ok, err = pcall(function()
		local trusted = not token
		local unread
		while true do
			local line = unread or socket.readline(fd, "\n")
			unread = nil
			if not line then
				break
			elseif line:find "^%u+ .* HTTP/%d%.%d\r?$" then
				serve_http(fd, line, print)
				break
			elseif not trusted then
				trusted = is_token((line:gsub("\r$", "")))
				if not trusted then
					print "Refused: the first line must be console_token"
					break
				end
			elseif line:find "%S" then
				unread = execute(line, print, fd)
			end
		end
	end)
	if not ok then
		skynet.error(fd, err)
	end
	skynet.error(address, "disconnect")
	socket.close(fd)
end

skynet.start(function()
	local listener, address, listen_port = socket.listen(ip, port)
	skynet.error(("Start debug console at %s:%d"):format(address or ip, listen_port or port))
	socket.start(listener, function(fd, client)
		local function print(...)
			local parts = {}
			for i = 1, select("#", ...) do
				parts[i] = tostring((select(i, ...)))
			end
			socket.write(fd, table.concat(parts, "\t") .. "\n")
		end
		socket.start(fd)
		skynet.fork(serve, fd, print, client)
	end)
end)

function COMMAND.help()
	return {
		help = "This help message",
		list = "List all the service",
		stat = "Dump all stats",
		info = "info address : get service infomation",
		exit = "exit address : kill a lua service",
		kill = "kill address : kill service",
		mem = "mem : show memory status",
		gc = "gc : force every lua service do garbage collect",
		start = "lanuch a new lua service",
		snax = "lanuch a new snax service",
		clearcache = "clear lua code cache",
		service = "List unique service",
		task = "task address : show service task detail",
		uniqtask = "task address : show service unique task detail",
		inject = "inject address luascript.lua",
		logon = "logon address",
		logoff = "logoff address",
		log = "launch a new lua service with log",
		debug = "debug address : debug a lua service",
		signal = "signal address sig",
		cmem = "Show C memory info",
		jmem = "Show jemalloc mem stats",
		ping = "ping address",
		call = "call address ...",
		trace = "trace address [proto] [on|off]",
		netstat = "netstat : show netstat",
		profactive = "profactive [on|off] : active/deactive jemalloc heap profilling",
		dumpheap = "dumpheap : dump heap profilling",
		killtask = "killtask address threadname : threadname listed by task",
		dbgcmd = "run address debug command",
		getenv = "getenv name : skynet.getenv(name)",
		setenv = "setenv name value: skynet.setenv(name,value)",
	}
end

function COMMAND.clearcache()
	codecache.clear()
end

function COMMAND.start(...)
	local ok, address = pcall(skynet.newservice, ...)
	if not ok then
		return "Failed"
	elseif address then
		return started(address, (...))
	end
	return "Exit"
end

function COMMAND.log(...)
	local ok, address = pcall(skynet.call, ".launcher", "lua", "LOGLAUNCH", "snlua", ...)
	if not ok then
		return "Failed"
	elseif address then
		return started(address, (...))
	end
	return "Failed"
end

function COMMAND.snax(...)
	local ok, obj = pcall(snax.newservice, ...)
	if not ok then
		return "Failed"
	end
	return started(obj.handle, (...))
end

function COMMAND.service()
	return skynet.call(".service", "lua", "LIST")
end

-- Takes "8", "0x8", ":00000008", ":8" and ".name".
local function adjust(address)
	local first = address:sub(1, 1)
	if first == ":" then
		return assert(tonumber("0x" .. address:sub(2)), "Need an address")
	elseif first == "." then
		return assert(skynet.localname(address), "Not a valid name")
	end
	local number = assert(tonumber("0x" .. address), "Need an address")
	if skynet.harbor(number) == 0 then
		number = number + skynet.harbor(skynet.self()) * 0x1000000
	end
	return number
end

function COMMAND.list()
	return skynet.call(".launcher", "lua", "LIST")
end

local function timeout(ti)
	ti = ti and tonumber(ti) or 0
	return ti > 0 and ti or TIMEOUT
end

function COMMAND.stat(ti)
	return skynet.call(".launcher", "lua", "STAT", timeout(ti))
end

function COMMAND.mem(ti)
	return skynet.call(".launcher", "lua", "MEM", timeout(ti))
end

function COMMAND.kill(address)
	return skynet.call(".launcher", "lua", "KILL", adjust(address))
end

function COMMAND.gc(ti)
	return skynet.call(".launcher", "lua", "GC", timeout(ti))
end

function COMMAND.exit(address)
	skynet.send(adjust(address), "debug", "EXIT")
end

function COMMAND.inject(address, filename, ...)
	address = adjust(address)
	local f = io.open(filename, "rb")
	if not f then
		return "Can't open " .. tostring(filename)
	end
	local source = f:read "*a"
	f:close()
	local ok, output = skynet.call(address, "debug", "RUN", source, filename, ...)
	if not ok then
		error(output)
	end
	return output
end

function COMMANDX.dbgcmd(cmd)
	return skynet.call(adjust(cmd[2]), "debug", cmd[3], table.unpack(cmd, 4))
end

function COMMAND.task(address)
	return skynet.call(adjust(address), "debug", "TASK")
end

function COMMAND.killtask(address, thread)
	return skynet.call(adjust(address), "debug", "KILLTASK", thread)
end

function COMMAND.uniqtask(address)
	return skynet.call(adjust(address), "debug", "UNIQTASK")
end

function COMMAND.info(address, ...)
	return skynet.call(adjust(address), "debug", "INFO", ...)
end

-- Sends the lines that follow to a service, until it is cont. One that comes when the service has ended is a command.
function COMMANDX.debug(cmd)
	local address = adjust(cmd[2])
	skynet.call(address, "debug", "PING")
	local channel, handle = debugchannel.create()
	local over, ok, problem = false, nil, nil
	skynet.fork(function()
		ok, problem = pcall(skynet.call, address, "debug", "REMOTEDEBUG", cmd.fd, handle)
		over = true
		skynet.wakeup(channel)
	end)
	local line
	repeat
		line = socket.readline(cmd.fd, "\n")
		line = line and line:gsub("\r$", "")
		if over then
			cmd.unread = line
		else
			channel:write(line or "cont")
		end
	until over or not line or line == "cont"
	while not over do
		skynet.wait(channel)
	end
	if not ok then
		error(problem, 0)
	end
end

function COMMAND.logon(address)
	core.command("LOGON", skynet.address(adjust(address)))
end

function COMMAND.logoff(address)
	core.command("LOGOFF", skynet.address(adjust(address)))
end

-- signal address [n]: 0, the default, ends what the service is running.
function COMMAND.signal(address, sig)
	address = skynet.address(adjust(address))
	if sig then
		core.command("SIGNAL", ("%s %d"):format(address, sig))
	else
		core.command("SIGNAL", address)
	end
end

local function by_address(info)
	local list = {}
	for k, v in pairs(info) do
		list[skynet.address(k)] = v
	end
	return list
end

function COMMAND.cmem()
	local list = by_address(memory.info())
	list.total = memory.total()
	list.block = memory.block()
	return list
end

function COMMAND.jmem()
	return memory.jestat()
end

function COMMAND.ping(address)
	address = adjust(address)
	local start = skynet.now()
	skynet.call(address, "debug", "PING")
	return tostring(skynet.now() - start)
end

local function to_switch(text)
	if text == "on" then
		return true
	elseif text == "off" then
		return false
	end
end

function COMMAND.trace(address, protocol, flag)
	address = adjust(address)
	if flag == nil and protocol ~= nil and to_switch(protocol) ~= nil then
		protocol, flag = nil, protocol
	end
	skynet.call(address, "debug", "TRACELOG", protocol or "lua", to_switch(flag))
end

function COMMANDX.call(cmd)
	local address = adjust(cmd[2])
	local text = assert(cmd[1]:match "%S+%s+%S+%s(.+)", "need arguments")
	local f = assert(load("return " .. text))
	local args = table.pack(pcall(f))
	if not args[1] then
		error(args[2])
	end
	local results = table.pack(skynet.call(address, "lua", table.unpack(args, 2, args.n)))
	for i = 1, results.n do
		if results[i] == nil then
			results[i] = "nil"
		end
	end
	return results
end

local function bytes(n)
	if n == 0 or n == nil then
		return ""
	end
	for _, unit in ipairs { "B", "K", "M", "G" } do
		if n < 1024 or unit == "G" then
			return ("%.4g%s"):format(n, unit)
		end
		n = n / 1024
	end
end

local function elapsed(now, ti)
	if ti == 0 or ti == nil then
		return ""
	end
	local seconds = (now - ti) / 100
	return seconds < 60 and ("%.2fs"):format(seconds) or ("%dm%.2fs"):format(math.floor(seconds / 60), seconds % 60)
end

function COMMAND.netstat()
	local now = skynet.now()
	local list = socket.netstat()
	for _, info in ipairs(list) do
		info.address = skynet.address(info.address)
		info.read, info.write, info.wbuffer = bytes(info.read), bytes(info.write), bytes(info.wbuffer)
		info.rtime, info.wtime = elapsed(now, info.rtime), elapsed(now, info.wtime)
	end
	return list
end

function COMMAND.dumpheap()
	memory.dumpheap()
end

function COMMAND.profactive(flag)
	if flag ~= nil then
		memory.profactive(to_switch(flag))
	end
	return "heap profilling is " .. (memory.profactive() and "active" or "deactive")
end

function COMMAND.getenv(name)
	return { [name] = tostring(skynet.getenv(name)) }
end

function COMMAND.setenv(name, value)
	return skynet.setenv(name, value)
end
