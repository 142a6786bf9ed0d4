-- load: text, pieces, names, modes, environments.
print(load("return 1 + 1")())
print(load("return ...", "name")(1, 2, 3))
print(load("x ="))
print(load("x =", "=name"))
print(load("x =", "@file.lua"))
print(load("\n\nx = = 1", "=(n)"))
print(load(("x"):rep(200) .. " ="))
print(load("error('in chunk')", "=chunk") ~= nil, pcall(load("error('in chunk')", "=chunk")))
print(pcall(load("local a\nerror('line 2')", "@dir/file.lua")))
-- pieces
local function pieces(...)
  local list, i = {...}, 0
  return function() i = i + 1 return list[i] end
end
print(load(pieces("return ", "1", "+", "2"))())
print(load(pieces("return 'a", "b'", "", " nonsense"))())
print(load(pieces("return"), "=p")())
print(load(pieces("x = = 1")))
print(pcall(load, pieces("return 1", {})))
print(pcall(load, function() error("reader", 0) end))
print(load(function() error({}) end) == nil)
-- modes
print(load("return 1", "=m", "b"))
print(load("return 1", "=m", "t") ~= nil)
print(load(string.dump(load("return 1")), "=m", "t"))
print(load(string.dump(function() return 7 end), "=m", "b")())
print(load(string.dump(load("return x, ...")), "d", "b", {x = "env"})(2))
-- environments
x = "global"
print(load("return x")(), load("return x", "e", "t", {x = "own"})())
print(pcall(load("return x", "e", "t", nil)))
local env = {}
load("y = 1; local z = 2; function f() return y end", "e", "t", env)()
print(env.y, env.z, env.f(), y)
print(load("local _ENV = {a = 3}; return a")(), load("return _ENV == _G")())
print(pcall(function() load() end))
print(pcall(function() load({}) end))
print(pcall(function() load("x", {}) end))
print(load("return 'a number: ' .. ...")(5), load("goto x"), load("break"))
print(loadstring == nil or loadstring("return 5")())
print(load("-- comment only") ~= nil, load("") ~= nil, load("   ")())
print(load("return 0x10, 1e2, '\\65\\x42\\z   c', [[\nlong]], [==[a]]b]==]")())
