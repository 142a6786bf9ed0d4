-- Errors inside metamethods, and which name a missing one gives.
local function e(f, ...) print((select(2, pcall(f, ...)))) end
local function raise(event) return function() error(event .. " failed", 0) end end
local mt = {}
for _, event in ipairs {"add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "len", "eq", "lt", "le", "index", "newindex", "call", "tostring", "pairs", "ipairs"} do
  mt["__" .. event] = raise(event)
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
e(function() return a + 1 end) e(function() return 1 - a end) e(function() return a * b end)
e(function() return a / a end) e(function() return a % 2 end) e(function() return 2 ^ a end)
e(function() return -a end) e(function() return a .. "x" end) e(function() return "x" .. a end)
e(function() return #a end) e(function() return a == b end) e(function() return a < b end)
e(function() return a <= b end) e(function() return a > 1 end) e(function() return a ~= b end)
e(function() return a.x end) e(function() a.x = 1 end) e(function() return a() end)
e(tostring, a) e(pairs, a) e(ipairs, a) e(print, a)
mt.__index, mt.__newindex, mt.__call, mt.__add, mt.__concat = 1, 1, 1, 1, 1
e(function() return a.x end)
e(function() a.x = 1 end)
e(function() return a() end)
e(function() return a + 1 end)
e(function() return a .. 1 end)
mt.__tostring = function() return 1 end
e(tostring, a)
mt.__tostring = function() end
e(tostring, a)
