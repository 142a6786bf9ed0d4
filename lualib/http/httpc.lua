-- The client's side of HTTP/1.1. What goes wrong is raised as an error.
local skynet = require "skynet"
local socket = require "skynet.socket"
local sockethelper = require "http.sockethelper"
local internal = require "http.internal"

local httpc = {}

-- Set httpc.timeout to limit how long a request may take, in hundredths of a second, and httpc.ca to a file of certificates
-- (PEM) that are trusted besides the system's.

local DEFAULT_PORT = { http = 80, https = 443 }

-- Takes "host", "host:port" and both behind "http://" or "https://".
local function parse_host(text)
	local protocol, rest = text:match "^(%a+)://(.*)$"
	protocol, rest = (protocol or "http"):lower(), rest or text
	local default = DEFAULT_PORT[protocol]
	if not default then
		error(("Invalid protocol: %s"):format(protocol))
	end
	local host, port = rest:match "^(.-):(%d+)$"
	if not host or host:find(":", 1, true) and not host:find "^%[" then
		host, port = rest, nil
	end
	return protocol, host:match "^%[(.*)%]$" or host, tonumber(port) or default, rest
end

local resolve -- set by httpc.dns

-- Has names looked up by a name server instead of the system's.
function httpc.dns(server, port)
	local dns = require "skynet.dns"
	dns.server(server, port)
	resolve = dns.resolve
end

-- Does nothing: looking up names never stops the service's other tasks.
function httpc.async_dns() end

local function is_address(host)
	return host:find "^%d+%.%d+%.%d+%.%d+$" or host:find(":", 1, true)
end

local function secure(fd, host)
	local tls = require "http.tlshelper"
	local settings = tls.newctx()
	if httpc.ca then
		settings:set_ca(httpc.ca)
	end
	local ctx = tls.newtls("client", settings, host)
	tls.init_requestfunc(fd, ctx)()
	return {
		read = tls.readfunc(fd, ctx),
		write = tls.writefunc(fd, ctx),
		readall = function() return tls.readallfunc(fd, ctx)() end,
		close = function() tls.closefunc(ctx)() end,
	}
end

local function connect(hostname, timeout)
	local protocol, host, port, text = parse_host(hostname)
	local address = host
	if resolve and not is_address(host) then
		address = resolve(host)
	end
	local fd = sockethelper.connect(address, port, timeout)
	local interface
	if protocol == "https" then
		local ok, err = pcall(secure, fd, host)
		if not ok then
			socket.close(fd)
			error(err, 0)
		end
		interface = err
	else
		interface = {
			read = sockethelper.readfunc(fd),
			write = sockethelper.writefunc(fd),
			readall = function() return sockethelper.readall(fd) end,
		}
	end
	interface.fd, interface.host = fd, text
	return interface
end

local function disconnect(interface)
	if interface.done then
		return
	end
	interface.done = true
	if interface.close then
		pcall(interface.close)
	end
	socket.close(interface.fd)
end

-- Connects and makes sure that the request ends in time.
local function begin(hostname)
	local interface = connect(hostname, httpc.timeout)
	if httpc.timeout then
		skynet.timeout(httpc.timeout, function()
			if not interface.done then
				interface.late = true
				socket.shutdown(interface.fd)
			end
		end)
	end
	return interface
end

local function fail(interface, err)
	disconnect(interface)
	if interface.late then
		error(sockethelper.socket_error "timeout", 0)
	end
	error(err, 0)
end

-- Returns the status and the body. The fields of the answer's header are put into recvheader.
function httpc.request(method, hostname, url, recvheader, header, content)
	local interface = begin(hostname)
	local ok, status, body = pcall(function()
		local status, received, fields = internal.request(interface, method, interface.host, url, recvheader, header, content)
		return status, internal.response(interface, method, status, received, fields)
	end)
	if not ok then
		fail(interface, status)
	end
	disconnect(interface)
	return status, body
end

-- Returns the status of a HEAD request.
function httpc.head(hostname, url, recvheader, header, content)
	return (httpc.request("HEAD", hostname, url, recvheader, header, content))
end

-- Returns a stream of the body: calling it gives the next bytes, and nil at the end. It has the fields status and header,
-- and the method close.
function httpc.request_stream(method, hostname, url, recvheader, header, content)
	local interface = begin(hostname)
	local ok, status, nextbytes, fields = pcall(function()
		local status, received, fields = internal.request(interface, method, interface.host, url, recvheader, header, content)
		return status, internal.stream(interface, method, status, received, fields), fields
	end)
	if not ok then
		fail(interface, status)
	end
	local stream = { status = status, header = fields, connected = true }
	function stream:close()
		self.connected = false
		disconnect(interface)
	end
	function stream.onclose() end
	return setmetatable(stream, {
		__call = function(self)
			if not self.connected then
				return nil
			end
			local good, bytes = pcall(nextbytes)
			if not good then
				self.connected = false
				fail(interface, bytes)
			elseif not bytes then
				self:close()
			end
			return bytes
		end,
	})
end

function httpc.get(hostname, url, recvheader, header, content)
	return httpc.request("GET", hostname, url, recvheader, header, content)
end

local function escape(text)
	return (tostring(text):gsub("[^%w%-_%.~]", function(c)
		return ("%%%02X"):format(c:byte())
	end))
end

-- Posts the fields of a form.
function httpc.post(hostname, url, form, recvheader)
	local header = { ["content-type"] = "application/x-www-form-urlencoded" }
	local fields = {}
	for k, v in pairs(form) do
		fields[#fields + 1] = escape(k) .. "=" .. escape(v)
	end
	return httpc.request("POST", hostname, url, recvheader, header, table.concat(fields, "&"))
end

return httpc
