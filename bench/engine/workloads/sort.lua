return function()
  local seed, n = 42, 0
  local function rnd() seed = (seed * 16807) % 2147483647 return seed end
  for _ = 1, 4 do
    local t = {}
    for i = 1, 30000 do t[i] = rnd() end
    table.sort(t)
    n = n + t[1]
  end
  return n
end
