-- websocket.bit: all of bit32, and the short names of the rotations.
dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local bit = require "websocket.bit"

local names = {}
for name in pairs(bit32) do
	names[#names + 1] = name
end
table.sort(names)
for _, name in ipairs(names) do
	print(name, bit[name] == bit32[name])
end
print("bit32 untouched", bit32.rol == nil and bit32.ror == nil)

print("rol", ("%08x %08x %08x"):format(bit.rol(0x80000001, 1), bit.rol(0x12345678, 8), bit.rol(1, 32)))
print("ror", ("%08x %08x %08x"):format(bit.ror(0x80000001, 1), bit.ror(0x12345678, 8), bit.ror(1, 32)))
