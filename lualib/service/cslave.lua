-- One node of a network: it reports to the master, learns of the other nodes and of names, and connects the nodes' harbors to
-- each other: those that were there before connect to one that comes. See cmaster for the messages.
local skynet = require "skynet"
require "skynet.manager"
local socket = require "skynet.socket"

local nodes = {} -- sockets by harbor id; false when a node is gone
local to_connect = {} -- addresses by harbor id, until this node is ready; then nil
local names = {} -- handles
local asked = {} -- the responses to those who ask for a name, by name
local watched = {} -- the responses to those who wait for a change of a node, by its id
local master_watched = {} -- the same of the master
local harbor_service
local master -- socket

skynet.register_protocol {
	name = "harbor",
	id = skynet.PTYPE_HARBOR,
	pack = function(...) return ... end,
	unpack = skynet.tostring,
}

skynet.register_protocol {
	name = "text",
	id = skynet.PTYPE_TEXT,
	pack = function(...) return ... end,
	unpack = skynet.tostring,
}

local function message(...)
	local body = skynet.packstring(...)
	assert(#body < 256, "a message is too long")
	return string.char(#body) .. body
end

local function read_message()
	local size = assert(socket.read(master, 1), "the connection is closed")
	return skynet.unpack((assert(socket.read(master, size:byte()), "the connection is closed")))
end

local function answer_all(responses, ...)
	for _, respond in ipairs(responses or {}) do
		respond(true, ...)
	end
end

local function node_changed(id)
	local responses = watched[id]
	watched[id] = nil
	answer_all(responses)
end

local function tell_name(name)
	skynet.redirect(harbor_service, names[name], "harbor", 0, "N " .. name)
end

local function name_known(name)
	local responses = asked[name]
	asked[name] = nil
	answer_all(responses, names[name])
end

-- Gives a connection to the harbor; how is "S" when this node connected, else "A".
local function hand_over(how, id, fd)
	nodes[id] = fd
	node_changed(id)
	socket.abandon(fd)
	skynet.send(harbor_service, "harbor", ("%s %d %d"):format(how, fd, id))
end

local function connect_node(id, address)
	if nodes[id] ~= nil then
		return
	end
	local fd, err = socket.open(address)
	if not fd then
		skynet.error(("Can't connect to %s: %s"):format(address, tostring(err)))
	elseif nodes[id] ~= nil then
		socket.close(fd)
	else
		skynet.error(("Connect to harbor %d (fd=%d), %s"):format(id, fd, address))
		hand_over("S", id, fd)
	end
end

local function accept_node(fd)
	socket.start(fd)
	local id = socket.read(fd, 1)
	id = id and id:byte()
	if not id or nodes[id] ~= nil then
		skynet.error(id and ("Slave %d exist (fd = %d)"):format(id, fd) or ("Connection (fd = %d) closed"):format(fd))
		socket.close(fd)
		return false
	end
	skynet.error(("Harbor %d connected (fd = %d)"):format(id, fd))
	hand_over("A", id, fd)
	return true
end

local function node_down(id)
	if nodes[id] ~= false then
		nodes[id] = false
		node_changed(id)
	end
end

local from_master = {}

function from_master.C(id, address)
	if to_connect then
		to_connect[id] = address
	else
		connect_node(id, address)
	end
end

function from_master.N(name, handle)
	names[name] = handle
	name_known(name)
	if not to_connect then
		tell_name(name)
	end
end

function from_master.D(id)
	node_down(id)
end

local function serve_master_message(kind, ...)
	local f = from_master[kind]
	if f then
		f(...)
	end
end

local function serve_master()
	while pcall(function() serve_master_message(read_message()) end) do
	end
	skynet.error "Master disconnect"
	socket.close(master)
	local responses = master_watched
	master_watched = nil
	answer_all(responses)
end

local function ready()
	local addresses = to_connect
	to_connect = nil
	for id, address in pairs(addresses) do
		connect_node(id, address)
	end
	for name in pairs(names) do
		tell_name(name)
	end
end

-- What the harbor asks and tells.
local from_harbor = {}

function from_harbor.Q(name)
	if names[name] then
		tell_name(name)
	else
		socket.write(master, message("Q", name))
	end
end

function from_harbor.D(id)
	node_down(tonumber(id))
end

skynet.dispatch("text", function(_, _, text)
	local f = from_harbor[text:sub(1, 1)]
	if f then
		f(text:sub(3))
	else
		skynet.error("Unknown command ", text)
	end
end)

local WAIT = {} -- what commands return that answer later

local command = {}

function command.REGISTER(name, handle)
	assert(names[name] == nil, "the name is taken")
	names[name] = handle
	name_known(name)
	socket.write(master, message("R", name, handle))
	tell_name(name)
	return handle
end

function command.QUERYNAME(name)
	if name:byte() == 46 then -- "."
		return skynet.localname(name)
	elseif names[name] then
		return names[name]
	end
	if not asked[name] then
		asked[name] = {}
		socket.write(master, message("Q", name))
	end
	table.insert(asked[name], skynet.response())
	return WAIT
end

local function watch(id)
	watched[id] = watched[id] or {}
	table.insert(watched[id], skynet.response())
	return WAIT
end

function command.LINK(id)
	return nodes[id] and watch(id) or nil
end

function command.CONNECT(id)
	return not nodes[id] and watch(id) or nil
end

function command.LINKMASTER()
	if not master_watched then
		return nil
	end
	table.insert(master_watched, skynet.response())
	return WAIT
end

skynet.start(function()
	local harbor = tonumber(skynet.getenv "harbor" or 0)
	local master_address = skynet.getenv "master"
	local address = assert(skynet.getenv "address", "the setting address is missing: where other nodes reach this one")
	local listener = socket.listen(address)
	skynet.error("slave connect to master " .. tostring(master_address))
	local err
	master, err = socket.open(master_address)
	assert(master, ("Can't connect to master %s: %s"):format(tostring(master_address), tostring(err)))
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(command[cmd], cmd)
		local result = f(...)
		if result ~= WAIT then
			skynet.ret(skynet.pack(result))
		end
	end)
	harbor_service = assert(skynet.launch("harbor", harbor, skynet.self()))
	socket.write(master, message("H", harbor, address))
	local ok, kind, others = pcall(read_message)
	assert(ok and kind == "W" and type(others) == "number", "slave shakehand failed")
	skynet.error(("Waiting for %d harbors"):format(others))
	skynet.fork(serve_master)
	if others > 0 then
		local co = coroutine.running()
		local came = 0
		socket.start(listener, function(fd, from)
			skynet.error(("New connection (fd = %d, %s)"):format(fd, from))
			local ok, accepted = pcall(accept_node, fd)
			if ok and accepted then
				came = came + 1
				if came == others then
					skynet.wakeup(co)
				end
			end
		end)
		skynet.wait(co)
	end
	socket.close(listener)
	skynet.error "Shakehand ready"
	skynet.fork(ready)
end)
