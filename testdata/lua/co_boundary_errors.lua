-- Where C Lua's functions let nothing yield.
local function try(f) local co = coroutine.create(f) local ok, m = coroutine.resume(co) print(ok, ok and coroutine.status(co) or (m:gsub("C%-call", "?"):gsub("Go%-call", "?"))) end
try(function() table.sort({1, 2, 3}, function() error("compare", 0) end) end)
try(function() string.gsub("abc", "b", function() error("gsub", 0) end) end)
try(function() for k in string.gmatch("a b", "%a") do coroutine.yield(k) end end)
try(function() for i, v in ipairs {1} do coroutine.yield(v) end end)
try(function() for k in pairs {1} do coroutine.yield(k) end end)
try(function() return pcall(coroutine.yield) end) try(function() return select(2, xpcall(coroutine.yield, print)) end)
try(function() for l in coroutine.wrap(function() coroutine.yield "x" end) do coroutine.yield(l) end end)
try(coroutine.yield) try(function() return coroutine.yield() end) try(function() local x = coroutine.yield() return x end)
