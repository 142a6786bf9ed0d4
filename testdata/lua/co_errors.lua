-- Errors in coroutines: values, positions, and what is left.
local function e(f, ...) print(coroutine.resume(coroutine.create(f), ...)) end
e(function() error "text" end) e(function() error("level 2", 2) end)
e(function() local t = nil; t.x = 1 end) e(error, "direct") e(error) e(function() error(nil) end) e(string.rep)
local w = coroutine.wrap(function() error "in wrap" end) print(pcall(w)) print(pcall(w))
local w2 = coroutine.wrap(function() error {code = 5} end) print(select(2, pcall(w2)).code)
local nested = coroutine.wrap(function() coroutine.wrap(function() coroutine.wrap(function() error "deep" end)() end)() end) print(pcall(nested))
local co co = coroutine.create(function() return coroutine.resume(co) end) print(coroutine.resume(co))
print(pcall(coroutine.yield, 1))
print(coroutine.resume(coroutine.create(function() return pcall(coroutine.wrap(function() error("x", 0) end)) end)))
