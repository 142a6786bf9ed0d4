-- _ENV is a local name like any other.
local print, tostring, setmetatable = print, tostring, setmetatable
do local _ENV = {x = 1} print(x, y) y = 2 print(y, _ENV.y) end
print(x, y)
local function f(_ENV) return a + b end
print(f {a = 1, b = 2})
local function g(_ENV, v) x = v return _ENV end
print(g({}, 5).x)
local env = setmetatable({}, {__index = _G, __newindex = function(t, k, v) print("set " .. k) rawset(t, k, v) end})
do local _ENV = env value = 10 print(value) value = 11 end
print(value, env.value)
local function counter() local _ENV = {n = 0} return function() n = n + 1 return n end end
local c = counter() c() c() print(c(), n)
print(pcall(function() local _ENV = nil return x end))
print(pcall(function() local _ENV = 5 x = 1 end))
for _, _ENV in ipairs {{v = 1}, {v = 2}} do print(v) end
local saved = _ENV
_ENV = {print = print} print(tostring(tostring ~= nil), string) _ENV = saved
print(string ~= nil, _ENV == _G)
