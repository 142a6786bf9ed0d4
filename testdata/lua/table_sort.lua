local function show(t, n) print(table.concat(t, " ", 1, n)) end
local t = { 3, 1, 2 } table.sort(t) show(t)
t = { "c", "a", "b", "B", "" } table.sort(t) show(t)
t = { 3, 1, 2 } table.sort(t, function(a, b) return a > b end) show(t)
t = {} table.sort(t) print(#t) t = { 1 } table.sort(t) show(t) t = { 2, 1 } table.sort(t) show(t)
t = { 5, 5, 5, 1, 1 } table.sort(t) show(t)
t = { 1 / 0, -1 / 0, 0.5, -0.5, 1e300, -1e300, 2 } table.sort(t) show(t)
t = { "10", "9", "1", "2" } table.sort(t, function(a, b) return tonumber(a) < tonumber(b) end) show(t)
local people = { { "Ann", 30 }, { "Bob", 25 }, { "Cid", 35 } }
table.sort(people, function(a, b) return a[2] < b[2] end)
for _, p in ipairs(people) do io.write(p[1], " ") end print()
t = {} local x = 42
for i = 1, 3000 do x = (x * 16807) % 2147483647 t[i] = x end
table.sort(t) for i = 2, #t do assert(t[i - 1] <= t[i]) end
table.sort(t, function(a, b) return a > b end) for i = 2, #t do assert(t[i - 1] >= t[i]) end
for i = 1, #t do t[i] = tostring(t[i]) end
table.sort(t) for i = 2, #t do assert(t[i - 1] <= t[i]) end
print(#t, select("#", table.sort(t)))
t = setmetatable({ 3, 1, 2, "x" }, { __len = function() return 3 end }) table.sort(t) print(rawget(t, 1), rawget(t, 3), rawget(t, 4))
t = { 2, 3, 1 } table.sort(t, nil) show(t)
local M = { __lt = function(a, b) return a.v < b.v end }
t = {} for i, v in ipairs { 4, 2, 5, 1, 3 } do t[i] = setmetatable({ v = v }, M) end
table.sort(t) for _, o in ipairs(t) do io.write(o.v, " ") end print()
