local function failure(...) return (select(2, pcall(...))) end
local b = bit32
print(b.extract(0x12345678, 0), b.extract(0x12345678, 4, 8), b.extract(0x12345678, 0, 32), b.extract(0x12345678, 28, 4), b.extract(-1, 31), b.extract(0xFF, 3, 1))
print(b.replace(0, 1, 4), b.replace(0x12345678, 0xFF, 8, 8), b.replace(0x12345678, 5, 0, 32), b.replace(-1, 0, 31), b.replace(0, 0xFFF, 4, 4), b.replace(0xFFFFFFFF, 0, 28, 4))
print(b.extract(255, "1", "3"), b.extract(255, 1.9, 2.9), b.replace(0, -1, 0, 31))
print(failure(b.extract)) print(failure(b.extract, 1)) print(failure(b.extract, 1, 32)) print(failure(b.extract, 1, -1)) print(failure(b.extract, 1, 0, 0)) print(failure(b.extract, 1, 0, 33)) print(failure(b.extract, 1, 31, 2)) print(failure(b.extract, 1, 2, -1)) print(failure(b.extract, 1, "x")) print(failure(b.extract, 1, 1, {}))
print(failure(b.replace)) print(failure(b.replace, 1, 2)) print(failure(b.replace, 1, 2, 32)) print(failure(b.replace, 1, 2, -1)) print(failure(b.replace, 1, 2, 0, 0)) print(failure(b.replace, 1, 2, 30, 3)) print(failure(b.replace, "x", 2, 1)) print(failure(b.replace, 1, {}, 1))
print(pcall(function() return bit32.extract(1, 40) end))
