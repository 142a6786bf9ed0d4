-- rawget, rawset, rawequal, rawlen do not look at metatables.
local log = {}
local mt = {
  __index = function(_, k) log[#log + 1] = "get " .. tostring(k) return "virtual" end,
  __newindex = function(_, k) log[#log + 1] = "set " .. tostring(k) end,
  __len = function() return 99 end,
  __eq = function() return true end,
}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
print(a.x, rawget(a, "x"), #a, rawlen(a), a == b, rawequal(a, b), rawequal(a, a))
a.y = 1
print(rawget(a, "y"))
print(rawset(a, "y", 2) == a, rawget(a, "y"), a.y)
rawset(a, 1, "one")
print(rawlen(a), rawlen("abc"), #a)
print(table.concat(log, ","))
print(rawequal("a", "a"), rawequal(1, 1.0), rawequal(0/0, 0/0), rawequal(nil, false), rawequal(print, print))
print(pcall(function() rawget(1, 1) end))
print(pcall(function() rawget({}) end))
print(pcall(function() rawset({}, 1) end))
print(pcall(function() rawset({}, nil, 1) end))
print(pcall(function() rawset({}, 0/0, 1) end))
print(pcall(function() rawlen(1) end))
print(pcall(function() rawlen() end))
print(pcall(function() rawequal(1) end))
