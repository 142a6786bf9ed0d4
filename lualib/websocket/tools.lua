-- SHA-1, base64, URLs and big-endian integers, as a WebSocket handshake and its frames need them.
local b64 = require "mime.core".b64
local random_bytes = require "websocket.random"

local byte, char, sub = string.byte, string.char, string.sub
local floor = math.floor

local tools = {}

-- Integers, big-endian and unsigned. read_* return the position after the integer, then its value;
-- pos counts from 1 and is 1 by default.

function tools.read_int8(s, pos)
	pos = pos or 1
	return pos + 1, (byte(s, pos))
end

function tools.read_int16(s, pos)
	pos = pos or 1
	local a, b = byte(s, pos, pos + 1)
	return pos + 2, a * 256 + b
end

local function read_int32(s, pos)
	pos = pos or 1
	local a, b, c, d = byte(s, pos, pos + 3)
	return pos + 4, a * 16777216 + b * 65536 + c * 256 + d
end
tools.read_int32 = read_int32

-- Takes any number of values, each 0 to 255.
tools.write_int8 = char

function tools.write_int16(v)
	return char(floor(v / 256) % 256, v % 256)
end

local function write_int32(v)
	return char(floor(v / 16777216) % 256, floor(v / 65536) % 256, floor(v / 256) % 256, v % 256)
end
tools.write_int32 = write_int32

-- Returns the SHA-1 digest of s: 20 bytes.
function tools.sha1(s)
	return require "websocket.plain.sha1"(s)
end

-- Where the host has a native SHA-1, it does the work: with the same results and errors. What it leaves, the one in Lua
-- does, which is not loaded before that.
local native, core = pcall(require, "websocket.core")
if native then
	tools.sha1 = core.sha1(tools.sha1)
end

tools.base64 = {}

-- Returns s in base64 (RFC 4648, section 4), on one line.
function tools.base64.encode(s)
	return (b64(s)) or "" -- b64 makes nil of an empty string
end

-- Returns a Sec-WebSocket-Key: 16 random bytes in base64.
function tools.generate_key()
	return tools.base64.encode(random_bytes(16))
end

local DEFAULT_PORT = { ws = 80, wss = 443 }

-- Takes a URL apart (RFC 6455, section 3): returns protocol (lower case), host, port and uri (path and query, at least "/").
-- The port of a protocol other than ws and wss is nil unless the URL has one. Raises "Invalid URL:" and the URL.
function tools.parse_url(url)
	local text = tostring(url)
	local protocol, address, uri = text:match("^(%a[%w+.-]*)://([^/?#]+)([^#%s%c]*)$")
	local host, tail
	if protocol then
		protocol = protocol:lower()
		host, tail = address:match("^(%[[%x:.]+%])(.*)$") -- an IPv6 address
		if not host then
			host, tail = address:match("^([^:@%[%]%s%c]+)(.*)$")
		end
	end

	local port = tail == "" and DEFAULT_PORT[protocol] or tail and tonumber(tail:match("^:(%d+)$"))
	if not host or tail ~= "" and not (port and port >= 1 and port <= 65535) then
		error("Invalid URL:" .. text, 2)
	end

	if sub(uri, 1, 1) ~= "/" then
		uri = "/" .. uri
	end
	return protocol, host, port, uri
end

return tools
