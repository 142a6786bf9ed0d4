-- Assignment evaluates before it assigns; swaps; fields.
local a, b = 1, 2 a, b = b, a print(a, b)
local i, t = 1, {} i, t[i] = i + 1, 20 print(i, t[1], t[2])
local x, y, z = (function() return 1, 2 end)() print(x, y, z)
local t = {1, 2, 3} t[1], t[2], t[3] = t[3], t[1] print(t[1], t[2], t[3])
local log = {}
local function at(n) log[#log + 1] = n return n end
local m = setmetatable({}, {__newindex = function(t, k, v) log[#log + 1] = "set" .. k rawset(t, k, v) end})
m[at(1)], m[at(2)] = at(3), at(4)
table.sort(log, function(p, q) return tostring(p) < tostring(q) end) print(table.concat(log, " "), m[1], m[2])
local a = {} a.b = {} a.b.c = 5 a.b["d e"] = 6 a[1.5] = 7 a[true] = 8 a[print] = 9
print(a.b.c, a.b["d e"], a[1.5], a[true], a[print], a.x)
a[1] = "int" print(a[1.0], a["1"]) a[2^53] = "big" print(a[2^53])
a[-0.0] = "zero" print(a[0])
print(pcall(function() a[nil] = 1 end)) print(pcall(function() a[0/0] = 1 end)) print(a[nil], a[0/0])
local _ENV = {print = print} x = 1 print(x, _ENV.x)
