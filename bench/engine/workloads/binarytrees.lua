local function bottomup(d) if d == 0 then return {} end return {bottomup(d - 1), bottomup(d - 1)} end
local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end
return function()
  local n, long = 0, bottomup(13)
  for d = 4, 12, 2 do
    for _ = 1, 2 ^ (12 - d) do n = n + check(bottomup(d)) end
  end
  return n + check(long)
end
