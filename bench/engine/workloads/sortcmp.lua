return function()
  local seed, n = 42, 0
  local function rnd() seed = (seed * 16807) % 2147483647 return seed end
  for _ = 1, 2 do
    local t = {}
    for i = 1, 20000 do t[i] = {v = rnd()} end
    table.sort(t, function(a, b) return a.v < b.v end)
    n = n + t[1].v
  end
  return n
end
