-- websocket.frame: the samples of RFC 6455, section 5.7, every class of length, and frames that come in pieces.
local setup = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local frame = require "websocket.frame"
local hex, unhex, bytes = setup.hex, setup.unhex, setup.bytes

print "-- opcodes"
print(frame.CONTINUATION, frame.TEXT, frame.BINARY, frame.CLOSE, frame.PING, frame.PONG)

print "-- samples, decoded"
for _, digits in ipairs {
	"81 05 48 65 6c 6c 6f", -- unmasked text
	"81 85 37 fa 21 3d 7f 9f 4d 51 58", -- masked text
	"01 03 48 65 6c", -- first fragment
	"80 02 6c 6f", -- last fragment
	"89 05 48 65 6c 6c 6f", -- ping
	"8a 85 37 fa 21 3d 7f 9f 4d 51 58", -- pong
	"88 00", -- close without code
	"81 80 00 00 00 00", -- empty and masked
	"82 7e 00 05 48 65 6c 6c 6f", -- 16 bits for a short length
} do
	local payload, fin, opcode, rest, masked = frame.decode(unhex(digits))
	print(payload, fin, opcode, "[" .. rest .. "]", masked)
end

print "-- samples, encoded"
print(hex(frame.encode("Hello")))
print(hex(frame.encode("Hel", frame.TEXT, false, false)))
print(hex(frame.encode("lo", frame.CONTINUATION)))
print(hex(frame.encode("Hello", frame.PING)))
print(hex(frame.encode("Hello", frame.PONG, nil, true)))
print(hex(frame.encode("", frame.CLOSE)))
print(hex(frame.encode(("x"):rep(256), frame.BINARY):sub(1, 4)), hex(frame.encode(("x"):rep(65536), frame.BINARY):sub(1, 10)))

print "-- headers"
print(hex(frame.encode_header_small(0x81, 0x05)))
print(hex(frame.encode_header_medium(0x81, 0xfe, 0x1234)))
print(hex(frame.encode_header_big(0x82, 0x7f, 0x00012345, 0x89abcdef)))

print "-- every class of length, plain and masked"
for _, size in ipairs { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 125, 126, 127, 255, 256, 1023, 1024, 1025, 1039, 1040, 4096, 65535, 65536, 65537, 1048576 } do
	local data = bytes(size)
	local plain, masked = frame.encode(data, frame.BINARY), frame.encode(data, frame.BINARY, true)
	for _, encoded in ipairs { plain, masked } do
		local payload, fin, opcode, rest, was_masked = frame.decode(encoded .. "next")
		assert(payload == data and fin == true and opcode == 2 and rest == "next" and was_masked == (encoded == masked), size)
	end
	local head = #plain - size
	-- The mask by the letter of section 5.3.
	local key, body = masked:sub(head + 1, head + 4), masked:sub(head + 5)
	for i = 1, size, math.max(1, math.floor(size / 999)) do
		assert(body:byte(i) == bit32.bxor(data:byte(i), key:byte((i - 1) % 4 + 1)), size)
	end
	print(size, head, #masked - #plain, hex(plain:sub(1, head)))
end

local keys, repeated = {}, 0
for _ = 1, 1000 do
	local key = frame.encode("", frame.TEXT, true):sub(3)
	repeated = repeated + (keys[key] and 1 or 0)
	keys[key] = true
end
print("a mask of its own for each frame", repeated <= 2)

print "-- cut after each byte, the missing bytes fed as decode asks for them"
local function feed(encoded)
	local have, asked = "", {}
	while true do
		local payload, missing = frame.decode(have)
		if payload then
			assert(have == encoded)
			return table.concat(asked, " ")
		end
		assert(missing >= 1 and #have + missing <= #encoded)
		asked[#asked + 1] = missing
		have = encoded:sub(1, #have + missing)
	end
end
for _, size in ipairs { 0, 1, 125, 126, 65535, 65536 } do
	print(size, feed(frame.encode(bytes(size))), feed(frame.encode(bytes(size), frame.TEXT, true)))
end
for _, size in ipairs { 0, 1, 125, 126, 300 } do
	for _, masked in ipairs { false, true } do
		local encoded = frame.encode(bytes(size), frame.TEXT, masked)
		for cut = 0, #encoded - 1 do
			local payload, missing = frame.decode(encoded:sub(1, cut))
			assert(payload == nil and missing >= 1 and cut + missing <= #encoded, cut)
			if cut >= #encoded - size then
				assert(cut + missing == #encoded, cut)
			end
		end
		assert(frame.decode(encoded) == bytes(size))
	end
end
print(select("#", frame.decode("")), frame.decode(""))

print "-- lengths of 64 bits"
local function claim(high, low, masked)
	return frame.decode(frame.encode_header_big(0x82, masked and 0xff or 0x7f, high, low))
end
print(claim(0, 0xffff))
print(claim(0, 0x10000, true))
print(claim(256, 0))
print(("%.0f"):format(select(2, claim(0x200000, 0))))
setup.fails(claim, 0, 0)
setup.fails(claim, 0, 125, true)
setup.fails(claim, 0, 0xfffe)
setup.fails(claim, 0x200000, 2)
setup.fails(claim, 0x80000000, 0)
setup.fails(claim, 0xffffffff, 0xffffffff)

print "-- close"
print(hex(frame.encode_close(1000)), hex(frame.encode_close(1001, "away")), hex(frame.encode_close()), hex(frame.encode_close(nil, "why")))
print(frame.decode_close(frame.encode_close(1000)))
print(frame.decode_close(frame.encode_close(4999, "Grüße")))
print(frame.decode_close(""))
print(frame.decode_close("\3"))
print(frame.decode_close(nil))
print(hex(frame.encode(frame.encode_close(1002, "bad"), frame.CLOSE)))

print "-- a stream of random frames"
math.randomseed(6455)
local opcodes = { frame.CONTINUATION, frame.TEXT, frame.BINARY, frame.CLOSE, frame.PING, frame.PONG }
local sent, stream = {}, {}
for i = 1, 400 do
	local size = math.floor(2 ^ (math.random() * 12)) - 1
	local f = { bytes(size), math.random() < 0.5, opcodes[math.random(#opcodes)], math.random() < 0.5 }
	sent[i] = f
	stream[i] = frame.encode(f[1], f[3], f[4], f[2])
end
stream = table.concat(stream)
local rest, count = "", 0
for pos = 1, #stream, 777 do
	rest = rest .. stream:sub(pos, pos + 776)
	while true do
		local payload, fin, opcode, after, masked = frame.decode(rest)
		if not payload then
			break
		end
		count = count + 1
		local f = sent[count]
		assert(payload == f[1] and fin == f[2] and opcode == f[3] and masked == f[4], count)
		rest = after
	end
end
print(count, #rest)
