-- Multiple assignment: counts, swaps, the values used for indices.
local a, b, c = 1 print(a, b, c)
a, b, c = 1, 2, 3, 4 print(a, b, c)
a, b = b, a print(a, b)
a, b, c = c, a, b print(a, b, c)
local function three() return 1, 2, 3 end
a, b, c = three() print(a, b, c) a, b, c = 0, three() print(a, b, c) a, b, c = three(), 0 print(a, b, c) a, b, c = (three()) print(a, b, c)
local t = {1, 2, 3} local i = 1
i, t[i] = i + 1, 20 print(i, t[1], t[2])
t[1], t[2], t[3] = t[3], t[1], t[2] print(table.concat(t, " "))
t = {} t.x, t.y, t.z = three() print(t.x, t.y, t.z)
local q = {} q, q.x = {}, 5 print(q.x)
local x, y = {}, {} x.n, y.n = y, x print(x.n == y, y.n == x, x.n.n == x)
a, b = nil print(a, b) a, b = (function() end)() print(a, b)
local function f() return "k" end
t[f()], t.v = f(), f() print(t.k, t.v)
do local a, a = 1, 2 print(a) end
