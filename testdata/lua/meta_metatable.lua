-- __metatable protects; debug functions see behind it.
local t = setmetatable({}, {__metatable = "locked"})
print(getmetatable(t), pcall(setmetatable, t, {}))
print(pcall(setmetatable, t, nil))
print(type(debug.getmetatable(t)), debug.getmetatable(t).__metatable)
debug.setmetatable(t, nil) print(getmetatable(t)) print(setmetatable(t, {}) == t)
local f = setmetatable({}, {__metatable = false}) print(getmetatable(f)) print(pcall(setmetatable, f, {}))
local fn = function() end
local p = setmetatable({}, {__metatable = fn}) print(getmetatable(p) == fn)
print(getmetatable("").__index == string, getmetatable("x") == getmetatable("y"))
print(getmetatable(1), getmetatable(nil), getmetatable(print), getmetatable(true))
print(pcall(setmetatable, 1, {}) == false)
getmetatable("").__metatable = "strings" print(getmetatable("x")) debug.getmetatable("").__metatable = nil
print(type(getmetatable(io.stdout)), getmetatable(io.stdout).__index == getmetatable(io.stdout))
print(setmetatable({}, nil) ~= nil, select("#", getmetatable({})))
