-- select with positions from both ends.
print(select(1)) print(select(1, "a")) print(select(2, "a"))
print(select(2, "a", "b", "c")) print(select(-1, "a", "b", "c")) print(select(-3, "a", "b", "c"))
print((pcall(select, -4, "a", "b", "c"))) print((pcall(select, 0, "a")))
print(select(100, "a", "b"))
print(select("#")) print(select("#", nil)) print(select("#", nil, nil, nil))
print(select("2", "a", "b", "c")) print(select(2.9, "a", "b", "c"))
print((select(2, "a", "b", "c")))
local function last(...) return (select(-1, ...)) end
print(last(1, 2, 3), last("x"), (pcall(last)))
local function reverse(...)
  local n = select("#", ...)
  if n == 0 then return end
  local function go(i, ...) if i == 0 then return ... end end
  local t = {}
  for i = n, 1, -1 do t[#t + 1] = tostring((select(i, ...))) end
  return table.unpack(t)
end
print(reverse(1, nil, "c", false))
local function sum(n, ...) if select("#", ...) == 0 then return n end return n + sum(...) end
print(sum(1, 2, 3, 4, 5))
