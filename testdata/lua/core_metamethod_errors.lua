-- Errors inside and around metamethods.
local function e(f) print(pcall(f)) end
local mt = {__index = function(t, k) error("no field " .. k, 2) end, __add = function() error("no add") end}
local t = setmetatable({}, mt)
e(function() return t.x end)
e(function() return t + 1 end)
local loop = {} setmetatable(loop, {__index = loop}) print(rawget(loop, "x"))
e(function() return loop.x end)
e(function() loop.x = 1 return loop.x end)
local l2 = setmetatable({}, {}) getmetatable(l2).__newindex = l2
e(function() l2.x = 1 end)
e(function() return setmetatable({}, {__index = 5}).x end)
e(function() return setmetatable({}, {__index = setmetatable({}, {__index = 5})}).x end)
e(function() return setmetatable({}, {__call = 5})() end)
e(function() return setmetatable({}, {__lt = 5}) < {} end)
e(function() return {} < {} end) e(function() return {} < 1 end) e(function() return 1 < "1" end) e(function() return "a" < 1 end)
e(function() return nil < nil end) e(function() return true <= false end) e(function() return print < print end)
e(function() return {} .. "x" end) e(function() return "x" .. nil end) e(function() return 1 .. {} .. 2 end)
e(function() return #5 end) e(function() local n = nil return #n end) e(function() return -{} end) e(function() return -"x" end)
e(function() return 1 + true end) e(function() return "abc" + 1 end) e(function() return "10" + 1 end) e(function() return {} ^ 2 end)
