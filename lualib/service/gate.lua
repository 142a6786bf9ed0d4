-- Clients' packets go to the agent that forward named, as messages of type client; those of a client without an agent go to
-- the watchdog, with all that happens, as ("socket", event, fd, ...).
local skynet = require "skynet"
local gateserver = require "snax.gateserver"

local watchdog
local clients = {} -- { fd, address, agent, client } by fd

skynet.register_protocol {
	name = "client",
	id = skynet.PTYPE_CLIENT,
}

local handler = {}

function handler.open(source, conf)
	watchdog = conf.watchdog or source
	return conf.address, conf.port
end

function handler.message(fd, msg, sz)
	local c = clients[fd]
	if c.agent then
		skynet.redirect(c.agent, c.client, "client", fd, msg, sz)
	else
		skynet.send(watchdog, "lua", "socket", "data", fd, skynet.tostring(msg, sz))
		skynet.trash(msg, sz)
	end
end

function handler.connect(fd, address)
	clients[fd] = { fd = fd, ip = address }
	skynet.send(watchdog, "lua", "socket", "open", fd, address)
end

local function forget(fd)
	clients[fd] = nil
end

function handler.disconnect(fd)
	forget(fd)
	skynet.send(watchdog, "lua", "socket", "close", fd)
end

function handler.error(fd, text)
	forget(fd)
	skynet.send(watchdog, "lua", "socket", "error", fd, text)
end

function handler.warning(fd, kilobytes)
	skynet.send(watchdog, "lua", "socket", "warning", fd, kilobytes)
end

local CMD = {}

function CMD.forward(source, fd, client, address)
	local c = assert(clients[fd])
	c.client, c.agent = client or 0, address or source
	gateserver.openclient(fd)
end

function CMD.accept(_, fd)
	local c = assert(clients[fd])
	c.client, c.agent = nil, nil
	gateserver.openclient(fd)
end

function CMD.kick(_, fd)
	gateserver.closeclient(fd)
end

function handler.command(cmd, source, ...)
	local f = assert(CMD[cmd])
	return f(source, ...)
end

gateserver.start(handler)
