-- Calling what cannot be called.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local up
local t = {n = 1, sub = {}}
local s = "text"
e(function() local v; v() end)
e(function() local v = {}; v() end)
e(function() local v = 1; return v() end)
e(function() up() end)
e(function() return up(1, 2) end)
e(function() nothing() end)
e(function() return nothing() end)
e(function() t.n() end)
e(function() t.none() end)
e(function() t.sub.none() end)
e(function() t:none() end)
e(function() return t:n() end)
e(function() s:none() end)
e(function() ("x"):none() end)
e(function() t[1]() end)
e(function() t.sub[t]() end)
e(function() (1)() end)
e(function() ("x")() end)
e(function() ({})() end)
e(function() (nil)() end)
e(function() (t.n + 1)() end)
e(function() t.n()() end)
e(function() print()() end)
