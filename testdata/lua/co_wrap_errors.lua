-- Errors through nested coroutines: positions pile up in wrap, resume returns them.
local function level3() error("deep") end
local w2 = function() return coroutine.wrap(function() level3() end)() end
print(pcall(function() coroutine.wrap(function() w2() end)() end))
print(coroutine.resume(coroutine.create(function() w2() end)))
print(pcall(function() local w = coroutine.wrap(function() error("zero", 0) end) w() end))
print(pcall(function() local w = coroutine.wrap(function() error() end) w() end))
print(pcall(function() local w = coroutine.wrap(function() local x = nil .. "x" end) w() end))
local w = coroutine.wrap(function() coroutine.yield(1) error("after yield") end)
print(w(), pcall(w), pcall(w))
-- an error ends the coroutine, its frames remain visible
local co = coroutine.create(function(arg) local l1, l2 = 1, "two" error("stop") end)
print(coroutine.resume(co, "A"))
print(debug.traceback(co))
print(debug.getlocal(co, 1, 1)) print(debug.getlocal(co, 1, 2)) print(debug.getlocal(co, 1, 3))
-- xpcall inside a coroutine
print(coroutine.resume(coroutine.create(function() return xpcall(function() error("x", 0) end, function(m) coroutine.running() return m .. "!" end) end)))
-- the handler outside does not see errors inside
print(xpcall(function() return coroutine.resume(coroutine.create(function() error("inside", 0) end)) end, function() return "handler" end))
print(xpcall(function() coroutine.wrap(function() error("inside", 0) end)() end, function(m) return "handler " .. m end))
