-- SHA-1 in Lua, for hosts that have none in Go, and for arguments that the one in Go leaves to this.
local bit = require "websocket.bit"
local tools = require "websocket.tools"

local band, bxor, rol = bit.band, bit.bxor, bit.rol
local rep = string.rep
local floor = math.floor
local read_int32, write_int32 = tools.read_int32, tools.write_int32

local WORD = 2 ^ 32

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
return function(s)
	local size = #s
	local message = s .. "\128" .. rep("\0", (55 - size) % 64) .. write_int32(floor(size / 0x20000000)) .. write_int32(size * 8 % WORD)
	local w = {}
	local h0, h1, h2, h3, h4 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0
	for pos = 1, #message, 64 do
		h0, h1, h2, h3, h4 = sha1_block(message, pos, w, h0, h1, h2, h3, h4)
	end
	return write_int32(h0) .. write_int32(h1) .. write_int32(h2) .. write_int32(h3) .. write_int32(h4)
end

