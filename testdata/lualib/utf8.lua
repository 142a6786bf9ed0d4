-- websocket.utf8: each kind of well-formed and ill-formed sequence (RFC 3629, section 4), at its borders.
local setup = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local valid = require "websocket.utf8".valid

print "-- well-formed"
for _, digits in ipairs {
	"", "41", "00 7f", "c2 80", "df bf", "e0 a0 80", "ec bf bf", "ed 80 80", "ed 9f bf", "ee 80 80", "ef bf bf",
	"f0 90 80 80", "f3 bf bf bf", "f4 80 80 80", "f4 8f bf bf", "41 c3 a4 e2 82 ac f0 9f 98 80 42",
} do
	print(digits, valid(setup.unhex(digits)))
end

print "-- ill-formed"
for _, digits in ipairs {
	"80", "bf", "c0 80", "c1 bf", "c2", "c2 41", "c2 c2 80", "e0 80 80", "e0 9f bf", "e2 82", "e2 82 41", "e2 28 a1", "ed a0 80", "ed bf bf",
	"f0 80 80 80", "f0 8f bf bf", "f0 9f 98", "f4 90 80 80", "f5 80 80 80", "f8 88 80 80 80", "ff", "fe",
	"e2 c2 80 82 ac", "f0 c2 80 9f 98 80", "c2 e2 82 ac 80", -- one sequence inside another
} do
	print(digits, valid(setup.unhex(digits)))
end

print "-- long"
local text = ("Grüße, 世界 😀 "):rep(5000)
print(valid(text), valid(text .. "\255"), valid("\128" .. text))

-- Against the definition: every code point up to U+10FFFF that is a multiple of 7, its bytes made by hand.
local char, floor = string.char, math.floor
local function encode(code)
	if code < 0x80 then
		return char(code)
	elseif code < 0x800 then
		return char(0xc0 + floor(code / 64), 0x80 + code % 64)
	elseif code < 0x10000 then
		return char(0xe0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
	end
	return char(0xf0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end
local wrong = 0
for code = 0, 0x10ffff + 0x1000, 7 do
	local expected = code <= 0x10ffff and not (code >= 0xd800 and code <= 0xdfff)
	if valid(encode(code)) ~= expected then
		wrong = wrong + 1
	end
end
print("wrong", wrong)
