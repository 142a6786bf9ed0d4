-- Functions that call back from C do not let coroutines yield.
local function try(f) local co = coroutine.create(f) print((coroutine.resume(co))) end
local function msg(f) local ok, m = coroutine.resume(coroutine.create(f)) return ok, (m:gsub("C%-call", "X-call"):gsub("Go%-call", "X-call")) end
print(msg(function() table.sort({3, 2, 1}, function() coroutine.yield() end) end))
print(msg(function() string.gsub("x", "x", coroutine.yield) end))
print(msg(function() load(function() coroutine.yield() end) error("load caught it") end))
print(pcall(coroutine.yield))
try(function() return pcall(string.gsub, "x", "x", coroutine.yield) end)
-- a coroutine of its own is free to yield there
local out = {}
table.sort({3, 2, 1}, function(a, b)
  local co = coroutine.wrap(function() coroutine.yield() return a < b end)
  co()
  return co()
end)
print((string.gsub("abc", ".", function(c) return coroutine.wrap(function() coroutine.yield(c:upper()) end)() end)))
