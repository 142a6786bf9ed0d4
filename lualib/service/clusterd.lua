-- Talks to other nodes for skynet.cluster, and lets them talk to the services of this one.
local skynet = require "skynet"
local socket = require "skynet.socket"
local socketchannel = require "skynet.socketchannel"
local wire = require "skynet.clusterwire"

local addresses = {} -- of nodes
local channels = {} -- to nodes
local sessions = 0
local names = {} -- of services that other nodes may ask for
local proxies = {}
local waiting = {} -- tasks that wait for the address of a node

local command = {}

local function next_session()
	sessions = sessions % 0x7fffffff + 1
	return sessions
end

local function read_frame(sock)
	return sock:read((string.unpack(">I2", sock:read(2))))
end

local function read_response(sock)
	return wire.read_response(read_frame(sock))
end

-- The channel to a node; waits for one whose address is not known yet.
local function channel_to(node)
	local channel = channels[node]
	if channel then
		return channel
	end
	if addresses[node] == nil and addresses.__nowaiting ~= true then
		skynet.error(("Waiting for cluster node [%s]"):format(node))
		waiting[node] = waiting[node] or {}
		local token = {}
		table.insert(waiting[node], token)
		skynet.wait(token)
	end
	local address = addresses[node]
	if not address then
		error(("cluster node [%s] is %s."):format(node, address == false and "down" or "absent"))
	end
	if channels[node] then
		return channels[node]
	end
	local host, port = address:match "^(.*):(%d+)$"
	channel = socketchannel.channel {
		host = assert(host, "address of a cluster node: " .. address),
		port = tonumber(port),
		response = read_response,
		nodelay = true,
	}
	channels[node] = channel
	return channel
end

function command.reload(config)
	if config == nil then
		config = {}
		local file = skynet.getenv "cluster"
		if file then
			assert(loadfile(file, "t", config))()
		end
	end
	for node, address in pairs(config) do
		if addresses[node] ~= address then
			addresses[node] = address
			if channels[node] then
				channels[node]:close()
				channels[node] = nil
			end
		end
	end
	for node, tokens in pairs(waiting) do
		if addresses[node] ~= nil or addresses.__nowaiting then
			waiting[node] = nil
			for _, token in ipairs(tokens) do
				skynet.wakeup(token)
			end
		end
	end
end

-- Has the other node log under the tag of a request that is traced. It gets the names of both nodes in front, once.
local function pass_trace(channel, node, session)
	local tag = skynet.tracetag()
	if not tag then
		return
	end
	if tag:sub(1, 1) ~= "(" then
		local longer = ("(%s-%s-%d)%s"):format(os.getenv "HOSTNAME" or "node", node, session, tag)
		skynet.tracelog(tag, "session " .. longer)
		tag = longer
	end
	skynet.tracelog(tag, "cluster " .. node)
	channel:request(wire.trace(tag))
end

function command.request(node, address, text)
	local channel = channel_to(node)
	local session = next_session()
	local first, padding = wire.request(address, session, text)
	pass_trace(channel, node, session)
	local answer = channel:request(first, session, padding)
	if type(answer) == "table" then
		answer = table.concat(answer)
	end
	return answer
end

function command.push(node, address, text)
	local first, padding = wire.request(address, next_session(), text, true)
	channel_to(node):request(first, nil, padding)
end

function command.proxy(node, name)
	if name == nil then
		node, name = node:match "^([^@.]+)([@.].+)"
		if not name then
			error("Invalid name " .. tostring(node))
		end
	end
	local key = node .. "." .. tostring(name)
	if not proxies[key] then
		proxies[key] = skynet.newservice("clusterproxy", node, name)
	end
	return proxies[key]
end

function command.register(name, handle, source)
	for other, known in pairs(names) do
		if known == handle and other ~= name then
			names[other] = nil
		end
	end
	names[name] = handle or source
end

function command.unregister(name)
	local handle = names[name]
	names[name] = nil
	return handle
end

local function find(address)
	if type(address) == "string" and address:sub(1, 1) == "@" then
		return assert(names[address:sub(2)], "Unknown name " .. address)
	end
	return address
end

local function ask(address, text, tag)
	if tag then
		return skynet.tracecall(tag, address, "lua", text)
	end
	return skynet.rawcall(address, "lua", text)
end

-- Serves one request of another node, under the tag of a trace if there is one.
local function answer(fd, address, session, text, push, tag)
	if push then
		skynet.rawsend(find(address), "lua", text)
		return
	end
	local ok, result = pcall(function()
		if address == 0 then
			local name = skynet.unpack(text)
			return skynet.packstring((assert(names[name], "name " .. tostring(name) .. " not found")))
		end
		return skynet.tostring(ask(find(address), text, tag))
	end)
	for _, frame in ipairs(wire.response(session, ok, tostring(result))) do
		socket.lwrite(fd, frame)
	end
end

local function serve(fd)
	local partial, tag = {}, nil
	while true do
		local size = socket.read(fd, 2)
		local text = size and socket.read(fd, (string.unpack(">I2", size)))
		if not text then
			return
		end
		local address, session, body, push = wire.read_request(partial, text)
		if address then
			skynet.fork(answer, fd, address, session, body, push, tag)
			tag = nil
		elseif session then
			tag = session
		end
	end
end

function command.listen(host, port)
	if port == nil then
		local address = assert(addresses[host] or host:find ":" and host, host .. " is down")
		host, port = address:match "^(.*):(%d+)$"
	end
	local listener, bound, bound_port = socket.listen(host, tonumber(port))
	socket.start(listener, function(fd, from)
		socket.start(fd)
		local ok, err = pcall(serve, fd)
		if not ok then
			skynet.error(("cluster: %s: %s"):format(from, tostring(err)))
		end
		socket.close(fd)
	end)
	return bound, bound_port
end

skynet.start(function()
	command.reload()
	skynet.dispatch("lua", function(_, source, name, ...)
		local f = assert(command[name], name)
		if name == "register" then
			local service, handle = ...
			skynet.retpack(f(service, handle, source))
		elseif name == "push" then
			f(...)
		elseif name == "request" then
			skynet.ret(skynet.pack(f(...)))
		else
			skynet.retpack(f(...))
		end
	end)
end)
