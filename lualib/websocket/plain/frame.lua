-- The codec of websocket.frame in Lua, for hosts that have none in Go, and for arguments that the one in Go leaves to this.
local bxor = require "websocket.bit".bxor
local random_bytes = require "websocket.random"

local byte, char, concat, rep, sub = string.byte, string.char, table.concat, string.rep, string.sub
local floor = math.floor

local WORD = 2 ^ 32
local LONG = 1024 -- bytes of payload from which the XOR tables below pay for themselves (measured)

local codec = {}

-- Masks data, whose size is a multiple of 8, four bytes at a time.
local function mask_short(data, m1, m2, m3, m4)
	local key = m1 * 16777216 + m2 * 65536 + m3 * 256 + m4
	local chunks, n = {}, 0
	for i = 1, #data, 8 do
		local a, b, c, d, e, f, g, h = byte(data, i, i + 7)
		local v = bxor(a * 16777216 + b * 65536 + c * 256 + d, key)
		local w = bxor(e * 16777216 + f * 65536 + g * 256 + h, key)
		d = v % 256; v = (v - d) / 256
		c = v % 256; v = (v - c) / 256
		b = v % 256; a = (v - b) / 256
		h = w % 256; w = (w - h) / 256
		g = w % 256; w = (w - g) / 256
		f = w % 256; e = (w - f) / 256
		n = n + 1
		chunks[n] = char(a, b, c, d, e, f, g, h)
	end
	return concat(chunks)
end

-- Returns the table of x XOR m for each byte x. Half of it is the other half with one bit flipped, at each bit.
local function xor_table(m)
	local xor = { [0] = m }
	local bit = 1
	while bit < 256 do
		local flip = m % (bit * 2) < bit and bit or -bit
		for x = 0, bit - 1 do
			xor[x + bit] = xor[x] + flip
		end
		bit = bit * 2
	end
	return xor
end

-- Masks data, whose size is a multiple of 16, by looking bytes up.
local function mask_long(data, m1, m2, m3, m4)
	local p, q, r, s = xor_table(m1), xor_table(m2), xor_table(m3), xor_table(m4)
	local chunks, n = {}, 0
	for i = 1, #data, 16 do
		local a1, b1, c1, d1, a2, b2, c2, d2, a3, b3, c3, d3, a4, b4, c4, d4 = byte(data, i, i + 15)
		n = n + 1
		chunks[n] = char(p[a1], q[b1], r[c1], s[d1], p[a2], q[b2], r[c2], s[d2], p[a3], q[b3], r[c3], s[d3], p[a4], q[b4], r[c4], s[d4])
	end
	return concat(chunks)
end

-- Masks data, or unmasks it, with a key of four bytes (section 5.3).
local function mask(data, m1, m2, m3, m4)
	local size = #data
	local step, transform = 8, mask_short
	if size >= LONG then
		step, transform = 16, mask_long
	end
	local padding = -size % step
	if padding == 0 then
		return transform(data, m1, m2, m3, m4)
	end
	return sub(transform(data .. rep("\0", padding), m1, m2, m3, m4), 1, size)
end

-- Returns the frame that carries data: see frame.encode.
function codec.encode(frame, data, opcode, masked, fin)
	local header = (opcode or frame.TEXT) + (fin == false and 0 or 128)
	local mask_bit = masked and 128 or 0
	local len = #data

	local head
	if len < 126 then
		head = frame.encode_header_small(header, mask_bit + len)
	elseif len <= 0xffff then
		head = frame.encode_header_medium(header, mask_bit + 126, len)
	else
		head = frame.encode_header_big(header, mask_bit + 127, floor(len / WORD), len % WORD)
	end

	if not masked then
		return head .. data
	end
	local key = random_bytes(4)
	return head .. key .. mask(data, byte(key, 1, 4))
end

-- Takes the first frame off bytes: see frame.decode.
function codec.decode(bytes)
	local have = #bytes
	if have < 2 then
		return nil, 2 - have
	end

	local header, len = byte(bytes, 1, 2)
	local masked = len >= 128
	if masked then
		len = len - 128
	end

	local head = 2
	if len == 126 then
		head = 4
		if have < head then
			return nil, head - have
		end
		local a, b = byte(bytes, 3, 4)
		len = a * 256 + b
	elseif len == 127 then
		head = 10
		if have < head then
			return nil, head - have
		end
		local a, b, c, d, e, f, g, h = byte(bytes, 3, 10)
		len = (a * 16777216 + b * 65536 + c * 256 + d) * WORD + (e * 16777216 + f * 65536 + g * 256 + h)
		if len < 0xffff or len > 2 ^ 53 then
			error("INVALID PAYLOAD " .. len, 0)
		end
	end

	local start = head + (masked and 4 or 0)
	if have - start < len then
		return nil, len - (have - start)
	end
	local payload = sub(bytes, start + 1, start + len)
	if masked then
		payload = mask(payload, byte(bytes, head + 1, head + 4))
	end
	return payload, header >= 128, header % 16, sub(bytes, start + len + 1), masked
end

return codec
