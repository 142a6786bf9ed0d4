-- Deep recursion, tail calls, stack overflow.
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
print(deep(150000))
print(coroutine.wrap(function() return deep(150000) end)())
local function tail(n, acc) if n == 0 then return acc end return tail(n - 1, acc + 1) end
print(tail(1000000, 0))
local function ping(n) if n == 0 then return "pong" end return (function(m) return ping(m) end)(n - 1) end
print(ping(100000))
local obj = setmetatable({}, {__call = function(self, n) if n == 0 then return "called" end return self(n - 1) end})
print(obj(400000))
local function varargs(n, ...) if n == 0 then return select("#", ...) end return varargs(n - 1, ...) end
print(varargs(100000, 1, 2, 3))
local function overflow() return 1 + overflow() end
local ok, m = pcall(overflow)
print(ok, m)
print(deep(100000))
local ok, m = xpcall(overflow, function(m) return "handled: " .. m end)
print(ok, m)
local function loop() return 1 + loop() end
print(xpcall(loop, function(m) print(pcall(loop)) return 15 end))
local co = coroutine.create(overflow)
print(coroutine.resume(co))
print(pcall(function() local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1] end) == false)
-- many nested closures and blocks
local f = function() return 0 end
for i = 1, 1000 do local g = f f = function() return g() + 1 end end
print(f())
print(select("#", table.unpack({}, 1, 5000)))
print(pcall(function() return table.unpack({}, 1, 1e7) end))
print(#string.rep("a", 1000):gsub(".", function(c) return c .. c end))
-- concatenation of many values and long lists
local parts = {} for i = 1, 200 do parts[i] = "v" .. i end
local chunk = "local " .. table.concat(parts, ",", 1, 99) .. " = ... return " .. table.concat(parts, " .. ", 1, 99)
print(#load(chunk)(table.unpack(parts)))
