local function failure(...) return (select(2, pcall(...))) end
local b = bit32
print(b.band(), b.bor(), b.bxor(), b.btest())
print(b.band(0xFF, 0x0F), b.bor(0xF0, 0x0F), b.bxor(0xFF, 0x0F), b.btest(1, 2), b.btest(3, 2), b.bnot(0), b.bnot(0xFFFFFFFF))
print(b.band(1, 3, 5, 7), b.bor(1, 2, 4, 8), b.bxor(1, 2, 3, 4), b.btest(7, 6, 4), b.btest(4, 2, 1), b.band(5), b.bor(5), b.bxor(5), b.btest(0))
print(b.band(-1), b.band(-2), b.bor(-1, 0), b.band(2 ^ 32), b.band(2 ^ 32 + 5), b.band(2 ^ 33 - 1), b.band(-2 ^ 31), b.band(-2 ^ 32), b.bnot(-1), b.band(2 ^ 40 + 3), b.band(-2 ^ 40 - 3))
print(b.band(0.5), b.band(1.5), b.band(2.5), b.band(-0.5), b.band(-1.5), b.band(0.49), b.band(1.51), b.band(2 ^ 31 + 0.5))
print(b.band("3", "0x7"), b.bor("1", 2))
print(failure(b.band, "x")) print(failure(b.bor, {})) print(failure(b.bxor, 1, nil)) print(failure(b.btest, 1, 2, "z")) print(failure(b.bnot)) print(failure(b.bnot, true))
print(pcall(function() return bit32.band({}) end))
