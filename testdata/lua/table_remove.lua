local function show(t) print(#t, table.concat(t, " ")) end
local t = { "a", "b", "c", "d", "e" }
print(table.remove(t)) show(t)
print(table.remove(t, 1)) show(t)
print(table.remove(t, 2)) show(t)
print(table.remove(t, 3)) show(t)
print(table.remove(t, #t)) print(table.remove(t)) print(table.remove(t)) print(#t)
print(table.remove({}, 0), table.remove({}, nil), table.remove({ 1, 2 }, "1"), table.remove({ 1, 2, 3 }, 1.9))
local z = { [0] = "zero" }
print(table.remove(z), z[0], table.remove(z, 0), z[0])
print(select("#", table.remove({})), select("#", table.remove({}, 0)))
local q = {}
for i = 1, 100 do q[i] = i end
local sum = 0
while #q > 0 do sum = sum * 3 % 1000007 + table.remove(q, math.ceil(#q / 2)) end
print(sum)
local m = setmetatable({ 1, 2, 3, [5] = 5 }, { __len = function() return 5 end })
print(table.remove(m), rawget(m, 5), table.remove(m, 1), rawget(m, 1), rawget(m, 3), rawget(m, 4))
local f = { n = 1, 10, 20 }
print(table.remove(f, 3), #f)
