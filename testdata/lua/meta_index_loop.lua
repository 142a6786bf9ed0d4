-- Tables that are their own __index.
local t = {} setmetatable(t, t)
t.__index = t
print(pcall(function() return t.x end))
local a, b = {}, {}
setmetatable(a, {__index = b}) setmetatable(b, {__index = a})
print(pcall(function() return a.x end))
local c = {} setmetatable(c, {__newindex = c})
print(pcall(function() c.x = 1 end))
print(rawget(c, "x"))
local d = {x = 1} setmetatable(d, {__newindex = d})
d.x = 2 print(d.x)
local calls = 0
local e = setmetatable({}, {__index = function(t, k) calls = calls + 1 if calls < 50 then return t[k] end return "enough" end})
print(e.x, calls)
