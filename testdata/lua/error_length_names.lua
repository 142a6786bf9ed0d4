-- The length of what has none.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local up = 3
local t = {b = true}
e(function() local v; return #v end)
e(function() local v = 1; return #v end)
e(function() return #up end)
e(function() return #nothing end)
e(function() return #t.none end)
e(function() return #t.b end)
e(function() return #print end)
e(function() return #nil end)
e(function() return #1 end)
e(function() return #(#"x") end)
e(function() return -#t.b end)
e(function() return #coroutine.create(print) end)
e(function(...) return #... end, false)
print(#"", #"abc", #{}, #{1, 2}, #("x"):rep(10))
