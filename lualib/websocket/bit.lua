-- Bit operations on 32-bit unsigned numbers: bit32 (Lua 5.2 manual, section 6.7) with the short names of the two rotations.
local bit = {}
for name, operation in pairs(require "bit32") do
	bit[name] = operation
end

bit.rol = bit.lrotate
bit.ror = bit.rrotate

return bit
