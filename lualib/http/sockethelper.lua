-- Sockets as the http modules want them: reading, writing and connecting raise socket_error instead of returning false.
local skynet = require "skynet"
local socket = require "skynet.socket"

local sockethelper = {}

-- Socket errors are all equal, so that err == sockethelper.socket_error tells one from any other error,
-- whatever text it carries.
local SocketError = {}

function SocketError.__eq()
	return true
end

function SocketError.__tostring(err)
	return err.text and "[Socket Error] : " .. err.text or "[Socket Error]"
end

-- socket_error(text) makes a socket error that carries text.
function SocketError.__call(_, text)
	return setmetatable({ text = text and tostring(text) }, SocketError)
end

local socket_error = setmetatable({}, SocketError)
sockethelper.socket_error = socket_error

local function read(fd, size)
	local bytes = socket.read(fd, size)
	if not bytes then
		error(socket_error("read failed, fd = " .. tostring(fd)))
	end
	return bytes
end

-- Returns a function that reads size bytes, or what has arrived when called without a size (one byte at least).
-- pre is what was already read from the socket: it comes first.
function sockethelper.readfunc(fd, pre)
	pre = pre or ""
	return function(size)
		if pre == "" then
			return read(fd, size)
		end
		local taken = pre
		if not size or size == #taken then
			pre = ""
			return taken
		elseif size < #taken then
			pre = taken:sub(size + 1)
			return taken:sub(1, size)
		end
		pre = ""
		return taken .. read(fd, size - #taken)
	end
end

-- Returns a function that writes content.
function sockethelper.writefunc(fd)
	return function(content)
		if not socket.write(fd, content) then
			error(socket_error("write failed, fd = " .. tostring(fd)))
		end
	end
end

sockethelper.readall = socket.readall

-- Connects within timeout, in hundredths of a second. Returns id and error as socket.open does.
local function open_within(timeout, host, port)
	local opened, id, err
	local waiting, done = true, {}
	skynet.fork(function()
		opened, id, err = pcall(socket.open, host, port)
		if waiting then
			skynet.wakeup(done)
		elseif opened and id then
			socket.close(id) -- too late, nobody waits for it any more
		end
	end)
	skynet.sleep(timeout, done)
	waiting = false
	if opened == nil then
		return nil, "timeout"
	elseif not opened then
		error(id, 0)
	end
	return id, err
end

-- Connects to host:port and returns the socket. timeout, in hundredths of a second, is without end by default.
function sockethelper.connect(host, port, timeout)
	local id, err
	if timeout then
		id, err = open_within(timeout, host, port)
	else
		id, err = socket.open(host, port)
	end
	if not id then
		error(socket_error(("connect failed, host = %s, port = %s: %s"):format(tostring(host), tostring(port), tostring(err or "refused"))))
	end
	return id
end

function sockethelper.close(fd)
	socket.close(fd)
end

function sockethelper.shutdown(fd)
	socket.shutdown(fd)
end

return sockethelper
