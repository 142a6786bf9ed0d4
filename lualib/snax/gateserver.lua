-- A service that clients connect to, and that cuts what they send into packets: two bytes of length, big-endian, and so many
-- bytes. gateserver.start(handler) runs it; handler has message(fd, msg, sz) and connect(fd, address), and may have open(source,
-- conf), disconnect(fd), error(fd, text), warning(fd, kilobytes), command(cmd, source, ...) and embed (the service is started
-- already).
local skynet = require "skynet"
local netpack = require "skynet.netpack"
local socketdriver = require "skynet.socketdriver"

local gateserver = {}

local DEFAULT_MAXCLIENT = 1024

local listener -- socket
local packets -- netpack's queue
local maxclient
local nodelay = false
local clients = 0
local connection = {} -- true: reads may come; false: the client has ended

function gateserver.openclient(fd)
	if connection[fd] then
		socketdriver.start(fd)
	end
end

function gateserver.closeclient(fd)
	if connection[fd] ~= nil then
		connection[fd] = nil
		socketdriver.close(fd)
	end
end

local function deliver(handler, fd, msg, sz)
	if connection[fd] then
		handler.message(fd, msg, sz)
	else
		skynet.error(("Drop message from fd (%d) : %s"):format(fd, netpack.tostring(msg, sz)))
	end
end

-- Delivers what waits in the queue. Another coroutine goes on with it when a handler waits.
local function deliver_all(handler)
	local fd, msg, sz = netpack.pop(packets)
	if fd then
		skynet.fork(deliver_all, handler)
		repeat
			deliver(handler, fd, msg, sz)
			fd, msg, sz = netpack.pop(packets)
		until not fd
	end
end

-- What is done for each kind of socket message.
local function events(handler, opening)
	local on = {}

	function on.data(fd, msg, sz)
		deliver(handler, fd, msg, sz)
	end

	function on.more()
		deliver_all(handler)
	end

	function on.open(fd, address)
		clients = clients + 1
		if clients >= maxclient then
			socketdriver.shutdown(fd)
			return
		end
		if nodelay then
			socketdriver.nodelay(fd)
		end
		connection[fd] = true
		handler.connect(fd, address)
	end

	function on.close(fd)
		if fd == listener then
			listener = nil
			return
		end
		clients = clients - 1
		if connection[fd] then
			connection[fd] = false
		end
		if handler.disconnect then
			handler.disconnect(fd)
		end
	end

	function on.error(fd, text)
		if fd == listener then
			skynet.error("gateserver accept error:", text)
			return
		end
		socketdriver.shutdown(fd)
		if handler.error then
			handler.error(fd, text)
		end
	end

	function on.warning(fd, kilobytes)
		if handler.warning then
			handler.warning(fd, kilobytes)
		end
	end

	function on.init(id, address, port)
		if opening.waiting and id == listener then
			opening.address, opening.port = address, port
			skynet.wakeup(opening)
		end
	end

	return on
end

local function commands(handler, opening)
	local CMD = {}

	function CMD.open(source, conf)
		assert(not listener)
		local address, port = conf.address or "0.0.0.0", assert(conf.port)
		maxclient = conf.maxclient or DEFAULT_MAXCLIENT
		nodelay = conf.nodelay
		skynet.error(("Listen on %s:%d"):format(address, port))
		listener = socketdriver.listen(address, port, conf.backlog)
		opening.waiting = true
		if not opening.port then
			skynet.wait(opening)
		end
		conf.address, conf.port = opening.address, opening.port
		opening.waiting, opening.port = false, nil
		socketdriver.start(listener)
		if handler.open then
			return handler.open(source, conf)
		end
	end

	function CMD.close()
		assert(listener)
		socketdriver.close(listener)
	end

	return CMD
end

function gateserver.start(handler)
	assert(handler.message)
	assert(handler.connect)
	local opening = {}
	local on, CMD = events(handler, opening), commands(handler, opening)

	skynet.register_protocol {
		name = "socket",
		id = skynet.PTYPE_SOCKET,
		unpack = function(msg, sz)
			return netpack.filter(packets, msg, sz)
		end,
		dispatch = function(_, _, queue, kind, ...)
			packets = queue
			if kind then
				on[kind](...)
			end
		end,
	}

	local function init()
		skynet.dispatch("lua", function(_, source, cmd, ...)
			local f = CMD[cmd]
			if f then
				skynet.ret(skynet.pack(f(source, ...)))
			else
				skynet.ret(skynet.pack(handler.command(cmd, source, ...)))
			end
		end)
	end

	if handler.embed then
		init()
	else
		skynet.start(init)
	end
end

return gateserver
