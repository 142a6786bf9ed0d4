-- debug.getupvalue, setupvalue, upvalueid, upvaluejoin.
local x, y = 1, 2
local function f() return x, y end
local function g() return y, x end
print(debug.getupvalue(f, 1)) print(debug.getupvalue(f, 2)) print(debug.getupvalue(f, 3)) print(debug.getupvalue(f, 0)) print(debug.getupvalue(print, 1)) print(select("#", debug.getupvalue(f, 9)))
print(debug.setupvalue(f, 1, 10), x, f()) print(debug.setupvalue(f, 5, 1)) print(select("#", debug.setupvalue(f, 5, 1)))
print(debug.upvalueid(f, 1) == debug.upvalueid(g, 2), debug.upvalueid(f, 1) == debug.upvalueid(f, 2), type(debug.upvalueid(f, 1)))
local function mk() local n = 0 return function() n = n + 1 return n end end
local c1, c2 = mk(), mk() c1() c1()
print(debug.upvalueid(c1, 1) == debug.upvalueid(c2, 1)) debug.upvaluejoin(c2, 1, c1, 1) print(debug.upvalueid(c1, 1) == debug.upvalueid(c2, 1), c2(), c1(), c2())
print(pcall(function() debug.upvalueid(f, 9) end)) print(pcall(function() debug.upvaluejoin(f, 1, g, 9) end)) print(pcall(function() debug.upvaluejoin(f, 9, g, 1) end))
local chunk = load("local a = ... return function() return a, b end") print((debug.getupvalue(chunk, 1))) local inner = chunk(5) print(debug.getupvalue(inner, 1)) print((debug.getupvalue(inner, 2))) debug.setupvalue(chunk, 1, {b = "env"}) print(inner())
print(debug.setuservalue(io.stdout, {1}) == io.stdout, debug.getuservalue(io.stdout)[1], debug.getuservalue(5), debug.getuservalue({}))
debug.setuservalue(io.stdout, nil)
print(type(debug.getregistry()), debug.getregistry()._LOADED == package.loaded, debug.getmetatable("").__index == string, debug.getmetatable(setmetatable({}, {__metatable = "x"})).__metatable)
local t = setmetatable({}, {__metatable = "locked"}) print(debug.setmetatable(t, nil) == t, getmetatable(t))
