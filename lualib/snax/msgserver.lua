-- A game's server behind a login server. A client sends "base64(uid)@base64(server)#base64(subid):index:base64(hmac)" first,
-- hmac = hmac64(hashkey of what is before it, secret); the server answers "200 OK" or an error. Then each packet of the client is a
-- request and a 4-byte session; the answer is a response, a byte 1 (0: it failed) and that session. A client that comes
-- again with a higher index gets the answers that it has missed.
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"
local crypt = require "skynet.crypt"
local socketdriver = require "skynet.socketdriver"

local server = {}

skynet.register_protocol {
	name = "client",
	id = skynet.PTYPE_CLIENT,
}

local users = {} -- by username
local connections = {} -- users by fd
local handshake = {} -- addresses by fd, of clients that have not said who they are

-- The login name of a user.
function server.username(uid, subid, servername)
	return ("%s@%s#%s"):format(crypt.base64encode(uid), crypt.base64encode(servername), crypt.base64encode(tostring(subid)))
end

-- Returns uid, subid and server's name.
function server.userid(username)
	local uid, servername, subid = username:match "([^@]*)@([^#]*)#(.*)"
	return crypt.base64decode(uid), crypt.base64decode(subid), crypt.base64decode(servername)
end

function server.login(username, secret)
	assert(users[username] == nil)
	users[username] = {
		secret = secret,
		version = 0, -- of the connection
		index = 0, -- of the next answer, from 1
		username = username,
		response = {}, -- answers by session
	}
end

function server.logout(username)
	local user = users[username]
	users[username] = nil
	if user.fd then
		if connections[user.fd] then
			gateserver.closeclient(user.fd)
		end
		connections[user.fd] = nil
	end
end

function server.ip(username)
	local user = users[username]
	return user and user.fd and user.ip
end

-- Answers that a user may ask for again: as many as conf.expired_number.
local DEFAULT_EXPIRED = 128

local function send(fd, text)
	socketdriver.send(fd, netpack.pack(text))
end

local function split_request(text)
	local session = text:sub(-4)
	return text:sub(1, -5), session
end

local function authenticate(fd, message, address)
	local username, index, proof = message:match "([^:]*):([^:]*):([^:]*)"
	local user = users[username]
	if not user then
		return "404 User Not Found"
	end
	local number = assert(tonumber(index))
	local text = ("%s:%s"):format(username, index)
	if crypt.hmac_hash(user.secret, text) ~= crypt.base64decode(proof) then
		return "401 Unauthorized"
	end
	if number <= user.version then
		return "403 Index Expired"
	end
	user.version, user.fd, user.ip = number, fd, address
	connections[fd] = user
end

local function greet(fd, address, text, auth_handler)
	local ok, problem = pcall(authenticate, fd, text, address)
	if not ok then
		skynet.error(problem)
		problem = "400 Bad Request"
	end
	local close = problem ~= nil
	send(fd, problem or "200 OK")
	if close then
		gateserver.closeclient(fd)
	elseif auth_handler then
		auth_handler(connections[fd].username, fd, address)
	end
end

-- Forgets old answers.
local function expire(user, limit)
	if user.index < limit * 2 then
		return
	end
	user.index = 0
	for session, answer in pairs(user.response) do
		if answer.done == nil then
			user.response[session] = nil
		else
			answer.done = answer.done - limit
			if answer.done < 0 then
				user.response[session] = nil
			else
				user.index = math.max(user.index, answer.done + 1)
			end
		end
	end
end

local function handle_request(user, fd, message, request_handler, limit)
	local request, session = split_request(message)
	local answer = user.response[session]
	if answer then
		if answer.fd == fd and not answer.text then
			return -- it is being worked on
		elseif answer.version == user.version then
			local old = answer
			user.response[session] = nil
			answer = nil
			if old.text == nil then
				error(("Conflict session %s"):format(crypt.hexencode(session)))
			end
		else
			answer.fd, answer.version = fd, user.version -- asked again over a new connection
			if answer.text == nil then
				return
			end
		end
	end
	if not answer then
		answer = { fd = fd, version = user.version }
		user.response[session] = answer
		local ok, result = pcall(request_handler, user.username, request)
		if not ok then
			skynet.error(result)
			result = "\0" .. session
		else
			result = (result or "") .. "\1" .. session
		end
		answer.text = result
	end
	answer.done = user.index
	user.index = user.index + 1
	if connections[answer.fd] then
		send(answer.fd, answer.text)
	end
	expire(user, limit)
end

-- conf: login_handler(uid, secret) -> subid, logout_handler(uid, subid), kick_handler(uid, subid), request_handler(username,
-- text) -> text, and may have auth_handler, disconnect_handler(username), register_handler(name), expired_number.
function server.start(conf)
	local limit = conf.expired_number or DEFAULT_EXPIRED
	local request_handler = assert(conf.request_handler)
	local handler = {}

	local CMD = {
		login = assert(conf.login_handler),
		logout = assert(conf.logout_handler),
		kick = assert(conf.kick_handler),
	}

	function handler.command(cmd, _, ...)
		local f = assert(CMD[cmd])
		return f(...)
	end

	function handler.open(source, gateconf)
		local name = assert(gateconf.servername)
		return conf.register_handler(name, source)
	end

	function handler.connect(fd, address)
		handshake[fd] = address
		gateserver.openclient(fd)
	end

	function handler.disconnect(fd)
		handshake[fd] = nil
		local user = connections[fd]
		if user then
			connections[fd] = nil
			if user.fd == fd then
				user.fd = nil
			end
			if conf.disconnect_handler then
				conf.disconnect_handler(user.username)
			end
		end
	end

	handler.error = handler.disconnect

	function handler.message(fd, msg, sz)
		local address = handshake[fd]
		local text = netpack.tostring(msg, sz)
		if address then
			handshake[fd] = nil
			greet(fd, address, text, conf.auth_handler)
			return
		end
		local user = assert(connections[fd], "invalid fd")
		local ok, err = pcall(handle_request, user, fd, text, request_handler, limit)
		if not ok then
			skynet.error(("Invalid package %s : %s"):format(tostring(err), text))
			gateserver.closeclient(fd)
		end
	end

	gateserver.start(handler)
end

return server
