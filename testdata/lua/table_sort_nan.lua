local nan = 0 / 0
local t = { 3, nan, 1 }
print(pcall(table.sort, t))
local n = 0
for _, v in ipairs(t) do if v == v then n = n + v end end
print(n, #t)
