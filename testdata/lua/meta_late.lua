-- Metamethods that come, change and go while code runs.
local mt = {}
local t = setmetatable({}, mt)
local function try() return (pcall(function() return t + 1 end)) end
print(try()) mt.__add = function() return 1 end print(try()) mt.__add = nil print(try())
for i = 1, 3 do
  mt.__index = i % 2 == 1 and function(t, k) return k .. i end or {x = "table" .. i}
  io.write(tostring(t.x), " ")
end print()
mt.__index = nil print(t.x) mt.__index = function() return "back" end print(t.x)
setmetatable(t, nil) print(t.x) setmetatable(t, mt) print(t.x)
mt.__newindex = function(t, k, v) rawset(t, k, v) mt.__newindex = nil end
t.a = 1 t.b = 2 print(t.a, t.b)
mt.__call = function(self) mt.__call = function() return "second" end return "first" end
print(t(), t())
mt.__eq = function() return true end local u = setmetatable({}, mt) print(t == u) mt.__eq = nil print(t == u)
mt.__len = function() return 42 end print(#t) mt.__len = nil print(#t)
local base = setmetatable({}, {__index = function(_, k) return k == "__index" and error "never asked" or nil end})
print(setmetatable({}, base).x)
