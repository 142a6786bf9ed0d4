-- luahost only
-- Numbers count modulo 2^32 however large they are, and shifts may be of any length.
print(bit32.band(2 ^ 53), bit32.band(2 ^ 53 + 2), bit32.band(2 ^ 60 + 2 ^ 20), bit32.band(-2 ^ 60 - 2 ^ 20), bit32.band(1e300), bit32.band(1 / 0), bit32.band(-1 / 0), bit32.band(0 / 0))
print(bit32.lshift(1, 2 ^ 32), bit32.rshift(1, 2 ^ 32), bit32.lshift(1, -2 ^ 40), bit32.arshift(2 ^ 31, 2 ^ 40), bit32.lrotate(1, 2 ^ 33 + 1), bit32.lshift(1, 1 / 0), bit32.rshift(1, -1 / 0))
