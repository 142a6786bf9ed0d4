-- string.dump and load.
local function again(f) return load(string.dump(f), "=again", "b") end
print(again(function(...) return select("#", ...), ... end)(1, nil)) print(again(function(a, b) return a + b end)(2, 3))
local up = 5 local f = again(function() return up end) debug.setupvalue(f, 1, "set") print(f())
print(again(function() return 1, 1.5, -0.1, 1e300, "s", true, false, nil, [[long
string]] end)())
local fact = again(function() local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end return fact(10) end) print(fact())
local g = again(function() local t = {} for i = 1, 3 do t[i] = function() i = i + 1 return i end end return t end)() print(g[1](), g[1](), g[2]())
local n = again(load "x = 1 return _ENV == _G, x") x = nil
print(load(string.dump(load "return print ~= nil"), "c", "b", {print = 1})())
print(load("return 1", "=c", "b")) print(#string.dump(function() end) > 0, string.dump(function() end):byte(1))
print(pcall(again(function() error "message" end))) print(again(again(function() return "twice" end))())
local parts, i = {}, 0 for c in string.dump(function() return "pieces" end):gmatch "." do parts[#parts + 1] = c end print(type(string.dump(function() end)))
