-- crc16(text): the checksum that tells the slot of a key (CRC-16/XMODEM: polynomial 0x1021, from 0).
local band, bxor, lshift, rshift = bit32.band, bit32.bxor, bit32.lshift, bit32.rshift

local steps = {} -- by a byte's value
for byte = 0, 255 do
	local crc = lshift(byte, 8)
	for _ = 1, 8 do
		crc = band(crc, 0x8000) ~= 0 and bxor(lshift(crc, 1), 0x1021) or lshift(crc, 1)
	end
	steps[byte] = band(crc, 0xffff)
end

return function(text)
	local crc = 0
	for i = 1, #text do
		crc = bxor(band(lshift(crc, 8), 0xffff), steps[bxor(rshift(crc, 8), text:byte(i))])
	end
	return crc
end
