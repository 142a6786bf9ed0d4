-- TLS over sockets, in the form that httpc and servers read and write by.
local c = require "ltls.c"
local sockethelper = require "http.sockethelper"

local tlshelper = {}

tlshelper.newctx = c.newctx
tlshelper.newtls = c.newtls

-- The client's handshake.
function tlshelper.init_requestfunc(fd, tls)
	local read, write = sockethelper.readfunc(fd), sockethelper.writefunc(fd)
	return function()
		local out = tls:handshake()
		while true do
			if out then
				write(out)
			end
			if tls:finished() then
				return
			end
			out = tls:handshake(read())
		end
	end
end

-- The server's handshake.
function tlshelper.init_responsefunc(fd, tls)
	local read, write = sockethelper.readfunc(fd), sockethelper.writefunc(fd)
	return function()
		while not tls:finished() do
			local out = tls:handshake(read())
			if out then
				write(out)
			end
		end
		write(tls:write())
	end
end

function tlshelper.closefunc(tls)
	return function()
		tls:close()
	end
end

-- f(n) returns n bytes, f() what has come.
function tlshelper.readfunc(fd, tls)
	local read = sockethelper.readfunc(fd)
	local buffer = tls:read "" -- may have come with the handshake
	local function more()
		buffer = buffer .. tls:read(read())
	end
	return function(size)
		if not size then
			while buffer == "" do
				more()
			end
			size = #buffer
		end
		while #buffer < size do
			more()
		end
		local text = buffer:sub(1, size)
		buffer = buffer:sub(size + 1)
		return text
	end
end

function tlshelper.writefunc(fd, tls)
	local write = sockethelper.writefunc(fd)
	return function(text)
		return write(tls:write(text))
	end
end

-- f() returns all that comes until the peer ends.
function tlshelper.readallfunc(fd, tls)
	return function()
		return tls:read(sockethelper.readall(fd))
	end
end

return tlshelper
