-- Guarded globals with a metatable on _G.
local declared = {}
setmetatable(_G, {
  __newindex = function(t, k, v) if not declared[k] then error("undeclared " .. k, 2) end rawset(t, k, v) end,
  __index = function(t, k) if not declared[k] then error("unknown " .. k, 2) end end})
print(pcall(function() a = 1 end)) print(pcall(function() return a end))
declared.a = true print(pcall(function() return a end)) a = 2 print(a)
print(rawget(_G, "b"), pcall(load "return b"), pcall(load "b = 1"))
print(pcall(function() undefined_function() end))
print(pcall(function() return string.none end))
setmetatable(_G, nil) print(b, undefined)
_G["odd name"] = 1 print(_G["odd name"], _ENV["odd name"])
_G.print2 = print print2 "through _G"
local n = 0 for k in pairs(_G) do if k == "print2" then n = n + 1 end end print(n)
print(_G._G == _G, _G._ENV)
