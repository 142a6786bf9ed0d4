local function show(t) print(#t, table.concat(t, " ")) end
local t = {}
table.insert(t, "a") table.insert(t, "c") table.insert(t, 2, "b") table.insert(t, 1, "z") show(t)
table.insert(t, #t + 1, "end") show(t)
table.insert(t, "3", "x") show(t)
table.insert(t, 2.9, "y") show(t)
for i = 1, 100 do table.insert(t, 1, i) end
print(#t, t[1], t[100], t[101], t[#t])
for i = 1, 50 do table.insert(t, 60, -i) end
print(#t, t[59], t[60], t[109], t[110])
print(select("#", table.insert({}, 1)), select("#", table.insert({}, 1, 1)))
local n = {}
table.insert(n, nil) print(#n)
table.insert(n, 1, nil) print(#n, n[1])
local m = setmetatable({ 1, 2 }, { __len = function() return 10 end })
table.insert(m, "eleven") print(rawget(m, 11))
table.insert(m, 11, "again") print(rawget(m, 11), rawget(m, 12))
local p = setmetatable({}, { __newindex = function() error("called") end, __index = function() error("called") end })
table.insert(p, 1) table.insert(p, 1, 2) print(rawget(p, 1), rawget(p, 2))
