local b = bit32
local x = 12345
for i = 1, 2000 do
  x = (x * 1103515245 + 12345) % 4294967296
  local y, n = (x * 69069 + 1) % 4294967296, x % 32
  assert(b.bxor(x, y) == b.bor(b.band(x, b.bnot(y)), b.band(b.bnot(x), y)))
  assert(b.bnot(x) == 4294967295 - x)
  assert(b.lrotate(x, n) == b.bor(b.lshift(x, n), b.rshift(x, 32 - n)))
  assert(b.rrotate(b.lrotate(x, n), n) == x)
  assert(b.lshift(x, n) == x * 2 ^ n % 4294967296)
  assert(b.rshift(x, n) == math.floor(x / 2 ^ n))
  assert(b.extract(x, n) == b.band(b.rshift(x, n), 1))
  assert(b.replace(x, b.extract(x, n), n) == x)
  assert(b.btest(x, y) == (b.band(x, y) ~= 0))
  assert(b.band(x - 4294967296) == x and b.band(x + 4294967296) == x)
end
print(x)
