local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + (select(i, ...)) end
  return s
end
local function pass(...) return ... end
local function pack(...) local t = {...} return #t end
return function()
  local n = 0
  for i = 1, 300000 do n = n + sum(i, 2, 3, 4) + pack(pass(1, 2, 3)) end
  return n
end
