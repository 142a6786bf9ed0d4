-- SHA-1, base64, URLs and big-endian integers, as a WebSocket handshake and its frames need them.
local bit = require "websocket.bit"
local b64 = require "mime.core".b64
local random_bytes = require "websocket.random"

local band, bxor, rol = bit.band, bit.bxor, bit.rol
local byte, char, rep, sub = string.byte, string.char, string.rep, string.sub
local floor = math.floor

local WORD = 2 ^ 32

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

-- One round of SHA-1 over the 64 bytes of message from pos (RFC 3174, section 6.1). w is scratch space.
local function sha1_block(message, pos, w, h0, h1, h2, h3, h4)
	for i = 1, 16 do
		pos, w[i] = read_int32(message, pos)
	end
	for i = 17, 80 do
		w[i] = rol(bxor(w[i - 3], w[i - 8], w[i - 14], w[i - 16]), 1)
	end

	local a, b, c, d, e = h0, h1, h2, h3, h4
	for i = 1, 20 do
		a, b, c, d, e = (rol(a, 5) + bxor(d, band(b, bxor(c, d))) + e + 0x5a827999 + w[i]) % WORD, a, rol(b, 30), c, d
	end
	for i = 21, 40 do
		a, b, c, d, e = (rol(a, 5) + bxor(b, c, d) + e + 0x6ed9eba1 + w[i]) % WORD, a, rol(b, 30), c, d
	end
	for i = 41, 60 do
		-- The two terms have no bit in common: their sum is their "or".
		a, b, c, d, e = (rol(a, 5) + band(b, c) + band(d, bxor(b, c)) + e + 0x8f1bbcdc + w[i]) % WORD, a, rol(b, 30), c, d
	end
	for i = 61, 80 do
		a, b, c, d, e = (rol(a, 5) + bxor(b, c, d) + e + 0xca62c1d6 + w[i]) % WORD, a, rol(b, 30), c, d
	end
	return (h0 + a) % WORD, (h1 + b) % WORD, (h2 + c) % WORD, (h3 + d) % WORD, (h4 + e) % WORD
end

-- Returns the SHA-1 digest of s: 20 bytes.
function tools.sha1(s)
	local size = #s
	local message = s .. "\128" .. rep("\0", (55 - size) % 64) .. write_int32(floor(size / 0x20000000)) .. write_int32(size * 8 % WORD)
	local w = {}
	local h0, h1, h2, h3, h4 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0
	for pos = 1, #message, 64 do
		h0, h1, h2, h3, h4 = sha1_block(message, pos, w, h0, h1, h2, h3, h4)
	end
	return write_int32(h0) .. write_int32(h1) .. write_int32(h2) .. write_int32(h3) .. write_int32(h4)
end

-- Where the host has a native SHA-1, it does the work: with the same results and errors.
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
