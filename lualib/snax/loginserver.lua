-- A login server. A client and the server agree on a secret by Diffie-Hellman; the client proves that it has it, and sends
-- its token encrypted with it. All lines are base64:
--   server: 8-byte challenge        client: dhexchange(client key)
--   server: dhexchange(server key)  client: hmac64(challenge, secret)
--   client: desencode(secret, token)
--   server: "200 " .. base64(subid), or 400 Bad Request, 401 Unauthorized, 403 Forbidden, 406 Not Acceptable
-- conf: host, port, name (of the master service), multilogin, instance (number of slaves), auth_handler(token) -> server, uid,
-- login_handler(server, uid, secret) -> subid, command_handler(command, ...).
local skynet = require "skynet"
require "skynet.manager"
local socket = require "skynet.socket"
local crypt = require "skynet.crypt"

local socket_error = {}
local DEFAULT_INSTANCES = 8
local LINE_LIMIT = 8192

local function need(ok, what, fd)
	if not ok then
		skynet.error(("%s failed: socket (fd = %d) closed"):format(what, fd))
		error(socket_error)
	end
	return ok
end

local function send(what, fd, text)
	need(socket.write(fd, text .. "\n"), what, fd)
end

local function receive(what, fd)
	return crypt.base64decode((need(socket.readline(fd), what, fd)))
end

-- The handshake. Returns the secret and the token.
local function agree(fd)
	local challenge = crypt.randomkey()
	send("auth", fd, crypt.base64encode(challenge))
	local client_key = receive("auth", fd)
	if #client_key ~= 8 then
		error "Invalid client key"
	end
	local server_key = crypt.randomkey()
	send("auth", fd, crypt.base64encode(crypt.dhexchange(server_key)))
	local secret = crypt.dhsecret(client_key, server_key)
	local proof = receive("auth", fd)
	if proof ~= crypt.hmac64(challenge, secret) then
		error "challenge failed"
	end
	return secret, crypt.desdecode(secret, receive("auth", fd))
end

local function run_slave(auth_handler)
	local function auth(fd, address)
		socket.limit(fd, LINE_LIMIT)
		local secret, token = agree(fd)
		local ok, server, uid = pcall(auth_handler, token, address)
		return ok, server, uid, secret
	end

	local function finish(fd, ok, err, ...)
		socket.abandon(fd)
		if ok then
			skynet.ret(skynet.pack(err, ...))
		elseif err == socket_error then
			skynet.ret(skynet.pack(nil, "socket error"))
		else
			skynet.ret(skynet.pack(false, err))
		end
	end

	skynet.dispatch("lua", function(_, _, fd, address)
		if type(fd) ~= "number" then
			skynet.ret(skynet.pack(false, "invalid fd type"))
			return
		end
		skynet.error(("connect from %s (fd = %d)"):format(tostring(address), fd))
		socket.start(fd)
		finish(fd, pcall(auth, fd, address))
	end)
end

local function run_master(conf)
	local instances = conf.instance or DEFAULT_INSTANCES
	assert(instances > 0)
	local host, port = conf.host or "0.0.0.0", assert(tonumber(conf.port))
	local slaves, turn = {}, 1
	local logging_in = {} -- uid

	-- Takes a client that a slave has authenticated to the game's server.
	local function login(fd, address, slave)
		local ok, server, uid, secret = skynet.call(slave, "lua", fd, address)
		socket.start(fd)
		if not ok then
			if ok ~= nil then
				send("response 401", fd, "401 Unauthorized")
			end
			error(server)
		end
		if not conf.multilogin then
			if logging_in[uid] then
				send("response 406", fd, "406 Not Acceptable")
				error(("User %s is already login"):format(tostring(uid)))
			end
			logging_in[uid] = true
		end
		local good, result = pcall(conf.login_handler, server, uid, secret)
		logging_in[uid] = nil
		if good then
			send("response 200", fd, "200 " .. crypt.base64encode(result or ""))
		else
			send("response 403", fd, "403 Forbidden")
			error(result)
		end
	end

	skynet.dispatch("lua", function(_, _, command, ...)
		skynet.ret(skynet.pack(conf.command_handler(command, ...)))
	end)
	for i = 1, instances do
		slaves[i] = skynet.newservice(SERVICE_NAME)
	end
	skynet.error(("login server listen at : %s %d"):format(host, port))
	socket.start(socket.listen(host, port), function(fd, address)
		local slave = slaves[turn]
		turn = turn % #slaves + 1
		local ok, err = pcall(login, fd, address, slave)
		if not ok and err ~= socket_error then
			skynet.error(("invalid client (fd = %d) error = %s"):format(fd, tostring(err)))
		end
		if socket.invalid(fd) then
			socket.close_fd(fd)
		else
			socket.close(fd)
		end
	end)
end

return function(conf)
	local name = "." .. (conf.name or "login")
	skynet.start(function()
		if skynet.localname(name) then
			run_slave(assert(conf.auth_handler))
			conf.login_handler, conf.command_handler = nil, nil
		else
			conf.auth_handler = nil
			assert(conf.login_handler)
			assert(conf.command_handler)
			skynet.register(name)
			run_master(conf)
		end
	end)
end
