local function failure(...) return (select(2, pcall(...))) end
local f = load(string.dump(function(a, b) return a + b, "x" end))
print(f(1, 2))
print(string.dump(f):sub(1, 4) == "\27Lua", type(string.dump(f)))
local up = 10
local g = load(string.dump(function() return up end))
print((pcall(g)))
print(failure(string.dump))
print(failure(string.dump, 1))
print(failure(string.dump, {}))
print(failure(string.dump, print))
print(failure(string.dump, string.dump))
