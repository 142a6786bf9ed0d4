-- bit32 with negative, fractional and large operands.
for _, v in ipairs {0, 1, -1, 2^31, 2^32 - 1, 2^32, 2^33 + 5, -2^31, -2^32} do
  io.write(bit32.bnot(v), " ", bit32.band(v), " ", bit32.bor(v, 1), " ", bit32.bxor(v, 0xff), " ", tostring(bit32.btest(v, 1)), "; ")
end print()
for _, n in ipairs {0, 1, 31, 32, 33, -1, -31, -32, 100} do
  io.write(bit32.lshift(1, n), " ", bit32.rshift(2^31, n), " ", bit32.arshift(-8, n), " ", bit32.lrotate(0x12345678, n), " ", bit32.rrotate(0x12345678, n), "; ")
end print()
print(bit32.band(), bit32.bor(), bit32.bxor(), bit32.btest())
print(bit32.extract(0xdeadbeef, 0, 32), bit32.extract(0xdeadbeef, 31), bit32.extract(0xdeadbeef, 4, 8), bit32.extract(-1, 0, 1))
print(bit32.replace(0, -1, 0, 32), bit32.replace(-1, 0, 31), bit32.replace(0xf0, 0x1ff, 4, 4))
print(bit32.band("0xff", "15"), bit32.band(255, 15, 3), bit32.bxor(1, 2, 4, 8))
