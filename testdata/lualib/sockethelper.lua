-- http.sockethelper over a socket and a skynet of the test's own: what is read is scripted, what is called is printed.
local setup = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")

local incoming, connects = {}, {}
local socket = {}

function socket.read(fd, size)
	local bytes = table.remove(incoming, 1) or false
	print("", "read", fd, size, bytes)
	assert(not (bytes and size) or #bytes == size)
	return bytes
end

function socket.write(fd, content)
	print("", "write", fd, content)
	return content ~= "lost"
end

function socket.readall(fd)
	return "all of " .. fd
end

for _, name in ipairs { "close", "shutdown" } do
	socket[name] = function(fd)
		print("", name, fd)
	end
end

-- A fake scheduler: what is forked runs when the caller sleeps; an open that is slow goes on when the test says so.
local skynet, forked, slow, awake = {}, nil, nil, nil

function socket.open(host, port)
	print("", "open", host, port)
	if host == "slow" then
		slow = coroutine.running()
		coroutine.yield()
	elseif host == "bad" then
		error("Invalid address bad", 0)
	elseif host == "refusing" then
		return nil, "Connection refused"
	end
	return 42
end

function skynet.fork(f)
	forked = coroutine.create(f)
end

function skynet.sleep(ti, token)
	awake = nil
	assert(coroutine.resume(forked))
	print("", "sleep", ti, awake == token and "woken" or "timed out")
	return awake == token and "BREAK" or nil
end

function skynet.wakeup(token)
	awake = token
	return true
end

package.loaded["skynet"] = skynet
package.loaded["skynet.socket"] = socket

local sockethelper = require "http.sockethelper"
local socket_error = sockethelper.socket_error

local function failed(f, ...)
	local ok, err = pcall(f, ...)
	print("", ok, err == socket_error, tostring(err))
end

print "socket_error"
print("", type(socket_error), tostring(socket_error))
local err = socket_error("read failed")
print("", tostring(err), err == socket_error, socket_error == err, err == "[Socket Error]", tostring(socket_error))
print("", tostring(socket_error()), {} == socket_error)
failed(error, socket_error)
failed(error, "another error")

print "read"
incoming = { "some", "1234", false }
local read = sockethelper.readfunc(7)
print("", read())
print("", read(4))
failed(read, 1)

print "read, after what was read before"
incoming = { "ghi", "more", "xy" }
read = sockethelper.readfunc(7, "abcdef")
print("", read(2), read(0), read(1), read(6))
print("", read())
print("", read(2))
incoming = { "next" }
read = sockethelper.readfunc(7, "abc")
print("", read(3), read())
incoming = { "next" }
read = sockethelper.readfunc(7, "abc")
print("", read(), read(4))
incoming = { "next" }
print("", sockethelper.readfunc(7, "")())
incoming = {}
failed(sockethelper.readfunc(7, "abc"), 4)

print "write"
local write = sockethelper.writefunc(7)
write("content")
failed(write, "lost")

print "connect"
print("", sockethelper.connect("host", 80))
failed(sockethelper.connect, "refusing", 80)
failed(sockethelper.connect, "bad", 80)

print "connect in time"
print("", sockethelper.connect("host", 80, 100))
failed(sockethelper.connect, "refusing", 80, 100)
failed(sockethelper.connect, "bad", 80, 100)

print "connect too late: the socket that comes is closed"
failed(sockethelper.connect, "slow", 80, 100)
assert(coroutine.resume(slow))

print "the rest"
print("", sockethelper.readall(7))
sockethelper.close(7)
sockethelper.shutdown(7)
