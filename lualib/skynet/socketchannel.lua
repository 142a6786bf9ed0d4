-- A channel sends requests over one connection, which it makes when it is needed and makes again when it was lost.
-- Without a response function in its description it is in order mode: answers come in the order of the requests.
-- With one it is in session mode: the function tells which request an answer is for.
local skynet = require "skynet"
local socket = require "skynet.socket"

local socketchannel = {}

local socket_error = setmetatable({}, { __tostring = function() return "[Error: socket]" end })
socketchannel.error = socket_error

-- Reading and writing that raise socket_error.
function socketchannel.read(fd, size)
	local bytes = socket.read(fd, size)
	return bytes or error(socket_error)
end

function socketchannel.readline(fd, separator)
	local line = socket.readline(fd, separator)
	return line or error(socket_error)
end

function socketchannel.write(fd, data)
	return socket.write(fd, data) or error(socket_error)
end

local Channel = {}
local ChannelMeta = { __index = Channel }

-- The channel of a description: host, port, auth(channel), response(sock), backup = { host | { host =, port = } ... },
-- nodelay, overload(on), socket_read(fd, size), socket_readline(fd, separator).
function socketchannel.channel(desc)
	local read, readline = desc.socket_read or socketchannel.read, desc.socket_readline or socketchannel.readline
	local sock = {
		read = function(self, size) return read(self[1], size) end,
		readline = function(self, separator) return readline(self[1], separator) end,
	}
	return setmetatable({
		__host = assert(desc.host),
		__port = assert(desc.port),
		__backup = desc.backup,
		__auth = desc.auth,
		__response = desc.response, -- session mode
		__overload_notify = desc.overload,
		__overload = false,
		__nodelay = desc.nodelay,
		__closed = false,
		__authcoroutine = false,
		__sock = false, -- the connection: { id, id = the number that errors tell }
		sockmeta = { __index = sock },
		queue = {}, first = 1, last = 0, -- order mode: requests whose answers have not come
		sessions = {}, -- session mode: the same by session
		connecting = false, -- the coroutines that wait for the connection, while one is being made
		ready = {}, -- the token of the reader that has nothing to read for
	}, ChannelMeta)
end

local function forget(waiting, result, ...)
	waiting.done, waiting.ok, waiting.data = true, result, ...
	skynet.wakeup(waiting)
end

-- Ends all requests with an error: socket_error, or err if that is something else.
local function fail_requests(self, err)
	local failed = {}
	for i = self.first, self.last do
		failed[#failed + 1] = self.queue[i]
	end
	for _, waiting in pairs(self.sessions) do
		failed[#failed + 1] = waiting
	end
	self.queue, self.first, self.last, self.sessions = {}, 1, 0, {}
	if err ~= nil and err ~= socket_error then
		skynet.error("socket: dispatch", err)
	end
	for _, waiting in ipairs(failed) do
		forget(waiting, socket_error, err)
	end
end

local function disconnect(self, sock)
	if self.__sock == sock then
		self.__sock = false
	end
	socket.close(sock[1])
end

-- Gives a part of an answer to whoever waits for it; more says that others follow.
local function answer(waiting, ok, data, more)
	if more and ok then
		waiting.parts = waiting.parts or {}
		table.insert(waiting.parts, data)
		return false
	end
	if waiting.parts then
		table.insert(waiting.parts, data)
		data = ok and waiting.parts or data
	end
	forget(waiting, ok and true or false, data)
	return true
end

local function read_in_sessions(self, sock)
	while self.__sock == sock do
		local alive, session, ok, data, more = pcall(self.__response, sock)
		if not alive then
			return session
		end
		local waiting = session and self.sessions[session]
		if waiting then
			if answer(waiting, ok, data, more) then
				self.sessions[session] = nil
			end
		elseif session then
			skynet.error("socket: unknown session :", session)
		end
	end
end

-- The first request without an answer; waits for one. Nil when the connection is lost meanwhile.
local function next_request(self, sock)
	while self.first > self.last do
		if not socket.block(sock[1]) or self.__sock ~= sock then
			return nil
		end
		if self.first > self.last then
			self.idle = true
			skynet.wait(self.ready)
			self.idle = false
		end
		if self.__sock ~= sock then
			return nil
		end
	end
	return self.queue[self.first]
end

local function take_request(self)
	self.queue[self.first] = nil
	self.first = self.first + 1
end

local function read_in_order(self, sock)
	while self.__sock == sock do
		local waiting = next_request(self, sock)
		if not waiting then
			return
		end
		local alive, ok, data, more = pcall(waiting.response, sock)
		if not alive then
			if ok ~= socket_error and self.queue[self.first] == waiting then
				take_request(self)
				forget(waiting, socket_error, ok)
			end
			return ok
		end
		if self.queue[self.first] ~= waiting then
			return -- the channel was closed in between
		end
		if answer(waiting, ok, data, more) then
			take_request(self)
		end
	end
end

-- Reads answers until the connection ends.
local function dispatch(self, sock)
	local err
	if self.__response then
		err = read_in_sessions(self, sock)
	else
		err = read_in_order(self, sock)
	end
	if self.__sock == sock then
		disconnect(self, sock)
		fail_requests(self, err)
	else
		socket.close(sock[1])
	end
	self.reading = false
	skynet.wakeup(sock)
end

local function watch_load(self, id)
	local notify = self.__overload_notify
	if not notify then
		return
	end
	socket.warning(id, function(_, size)
		local over = size > 0
		if over ~= self.__overload then
			self.__overload = over
			notify(over)
		end
	end)
end

-- The addresses to try, the one that is in use first.
local function addresses(self)
	local list = { { self.__host, self.__port } }
	for _, backup in ipairs(self.__backup or {}) do
		if type(backup) == "table" then
			list[#list + 1] = { backup.host, backup.port or self.__port }
		else
			list[#list + 1] = { backup, self.__port }
		end
	end
	return list
end

local function open_any(self)
	local first_error
	for _, address in ipairs(addresses(self)) do
		local host, port = address[1], address[2]
		local opened, id, err = pcall(socket.open, host, port)
		if opened and id then
			if self.__closed then
				socket.close(id)
				return nil, "closed"
			end
			self.__host, self.__port = host, port
			return id
		end
		first_error = first_error or (opened and err or id) or "Connection refused"
	end
	return nil, first_error
end

local connect_once

local function authenticate(self)
	if not self.__auth then
		return true
	end
	local host, port = self.__host, self.__port
	self.__authcoroutine = coroutine.running()
	local ok, err = pcall(self.__auth, self)
	self.__authcoroutine = false
	if ok and not self.__sock and (self.__host ~= host or self.__port ~= port) then
		return connect_once(self) -- it has called changehost
	elseif ok then
		return true
	end
	if self.__sock then
		local sock = self.__sock
		disconnect(self, sock)
		fail_requests(self)
	end
	if err ~= socket_error then
		error(err, 0)
	end
	return false, "auth failed"
end

function connect_once(self)
	if self.__closed then
		return false, "closed"
	end
	local id, err = open_any(self)
	if not id then
		return false, err
	end
	watch_load(self, id)
	local sock = setmetatable({ id }, self.sockmeta)
	self.__sock = sock
	self.idle = false
	skynet.fork(dispatch, self, sock)
	return authenticate(self)
end

-- How long a channel waits before it tries again, in hundredths of a second: each time a second more, up to 11.
local RETRY_STEP, RETRY_MAX = 100, 1000

local function connect_patiently(self)
	local pause = 0
	while not self.__closed do
		local ok, err = connect_once(self)
		if ok then
			skynet.error("socket: connect to", self.__host, self.__port)
			return
		end
		skynet.error("socket: connect", err)
		if pause > RETRY_MAX then
			skynet.error("socket: try to reconnect", self.__host, self.__port)
		end
		skynet.sleep(pause)
		pause = pause > RETRY_MAX and 0 or pause + RETRY_STEP
	end
end

-- Whether there is a connection that the running coroutine may use: nil when one must be made or waited for.
local function connected(self)
	if self.__closed then
		error(socket_error)
	end
	if not self.__sock then
		return nil
	end
	local sock = self.__sock
	if socket.disconnected(sock[1]) then
		disconnect(self, sock)
		fail_requests(self)
		skynet.wakeup(self.ready)
		return nil
	end
	if self.__authcoroutine and self.__authcoroutine ~= coroutine.running() then
		return nil
	end
	return true
end

local function make_connection(self, once)
	self.connecting = {}
	local ok, good, err = pcall(function()
		if once then
			return connect_once(self)
		end
		connect_patiently(self)
		return true
	end)
	local others = self.connecting
	self.connecting = false
	for _, waiting in ipairs(others) do
		skynet.wakeup(waiting)
	end
	if not ok then
		error(good, 0)
	end
	return err
end

local function need_connection(self, once)
	if connected(self) then
		return true
	end
	local err
	if self.connecting then
		local token = {}
		table.insert(self.connecting, token)
		skynet.wait(token)
	else
		err = make_connection(self, once)
	end
	if connected(self) then
		return true
	end
	skynet.error(("Connect to %s:%d failed (%s)"):format(self.__host, self.__port, tostring(err)))
	error(socket_error)
end

-- Makes the connection, if there is none. With once it tries once and raises an error if that fails; else it goes on
-- trying until it is there.
function Channel:connect(once)
	self.__closed = false
	return need_connection(self, once)
end

local function wait_for(self, response)
	local waiting = { response = response }
	if self.__response then
		self.sessions[response] = waiting
	else
		self.last = self.last + 1
		self.queue[self.last] = waiting
		if self.idle then
			skynet.wakeup(self.ready)
		end
	end
	while not waiting.done do
		skynet.wait(waiting)
	end
	if waiting.ok == socket_error then
		error(waiting.data ~= nil and waiting.data or socket_error, 0)
	end
	if not waiting.ok then
		error(waiting.data, 0)
	end
	return waiting.data
end

local function send(self, data, padding)
	local id = self.__sock[1]
	local sent
	if padding then
		sent = socket.lwrite(id, data)
		for _, part in ipairs(padding) do
			sent = sent and socket.lwrite(id, part)
		end
	else
		sent = socket.write(id, data)
	end
	if not sent then
		local sock = self.__sock
		disconnect(self, sock)
		fail_requests(self)
		error(socket_error)
	end
end

-- Sends data and returns the answer. response is a function(sock) that reads it and returns ok, data, more in order
-- mode, and the session that was sent in session mode; without it no answer is waited for. padding is a list of strings
-- that follow data with low priority, so that other requests may overtake.
function Channel:request(data, response, padding)
	need_connection(self, true)
	send(self, data, padding)
	if response == nil then
		return -- nobody waits
	end
	return wait_for(self, response)
end

-- Waits for an answer without having sent anything.
function Channel:response(response)
	need_connection(self)
	return wait_for(self, response)
end

function Channel:close()
	if self.__closed then
		return
	end
	self.__closed = true
	local sock = self.__sock
	if sock then
		disconnect(self, sock)
		fail_requests(self)
		skynet.wakeup(self.ready)
	end
end

-- Uses another address from now on.
function Channel:changehost(host, port)
	self.__host = host
	if port then
		self.__port = port
	end
	if not self.__closed then
		local sock = self.__sock
		if sock then
			disconnect(self, sock)
			fail_requests(self)
			skynet.wakeup(self.ready)
		end
	end
end

function Channel:changebackup(backup)
	self.__backup = backup
end

return socketchannel
