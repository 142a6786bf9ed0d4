local function good(x) return x + 1 end
local function bad() error("no") end
local function worse() error({}) end
return function()
  local n = 0
  for i = 1, 1000000 do local ok, v = pcall(good, i) n = n + v end
  for i = 1, 100000 do local ok = pcall(bad) if not ok then n = n + 1 end end
  for i = 1, 100000 do local ok = pcall(worse) if not ok then n = n + 1 end end
  return n
end
