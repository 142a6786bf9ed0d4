-- Concatenation of what is neither a string nor a number.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local up
local t = {b = true}
e(function() local v; return "a" .. v end)
e(function() local v; return v .. "a" end)
e(function() local v = {}; return v .. v end)
e(function() return up .. "a" end)
e(function() return "a" .. up end)
e(function() return "a" .. nothing end)
e(function() return nothing .. 1 end)
e(function() return t.none .. "a" end)
e(function() return "a" .. t.b end)
e(function() return 1 .. true end)
e(function() return print .. "x" end)
e(function() local a, b, c = "a", nil, "c"; return a .. b .. c end)
e(function() local a, b, c = "a", "b"; return a .. b .. c end)
e(function() local a, b, c = nil, "b", "c"; return a .. b .. c end)
e(function() local a, b = {}, 1; return b .. a end)
e(function() return "a" .. {} .. "b" end)
e(function(x) return x .. "!" end, coroutine.create(print))
