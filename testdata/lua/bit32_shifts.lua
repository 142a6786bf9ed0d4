local function failure(...) return (select(2, pcall(...))) end
local b = bit32
for _, n in ipairs { 0, 1, 4, 31, 32, 33, 100, -1, -4, -31, -32, -33, -100 } do
  print(n, b.lshift(0x80000001, n), b.rshift(0x80000001, n), b.arshift(0x80000001, n), b.arshift(0x70000001, n), b.lrotate(0x80000001, n), b.rrotate(0x80000001, n))
end
print(b.lshift(1, 2.7), b.rshift(16, "2"), b.lshift(-1, 4), b.rshift(-1, 28), b.arshift(-1, 4), b.lrotate(0x12345678, 8), b.rrotate(0x12345678, 8), b.lrotate(1, 2 ^ 31 - 1))
for _, name in ipairs { "lshift", "rshift", "arshift", "lrotate", "rrotate" } do
  print(failure(b[name])) print(failure(b[name], 1)) print(failure(b[name], "x", 1)) print(failure(b[name], 1, {}))
end
