local floor, char, byte, concat = math.floor, string.char, string.byte, table.concat
local xor = {}
for a = 0, 255 do
  local row = {}
  for b = 0, 255 do
    local r, p, x, y = 0, 1, a, b
    while x > 0 or y > 0 do
      local i, j = x % 2, y % 2
      if i ~= j then r = r + p end
      x, y, p = (x - i) / 2, (y - j) / 2, p * 2
    end
    row[b] = r
  end
  xor[a] = row
end
local function mask(data, key)
  local k1, k2, k3, k4 = byte(key, 1, 4)
  local x1, x2, x3, x4 = xor[k1], xor[k2], xor[k3], xor[k4]
  local out, n, size = {}, 0, #data
  for i = 1, size - 3, 4 do
    local a, b, c, d = byte(data, i, i + 3)
    n = n + 1
    out[n] = char(x1[a], x2[b], x3[c], x4[d])
  end
  for i = size - size % 4 + 1, size do
    n = n + 1
    out[n] = char(xor[byte(key, (i - 1) % 4 + 1)][byte(data, i)])
  end
  return concat(out)
end
return function()
  local data, n = ("0123456789abcdef"):rep(4096), 0
  for i = 1, 12 do n = n + #mask(mask(data, "abcd"), "abcd") end
  return n
end
