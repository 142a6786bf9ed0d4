-- Yields inside protected calls.
local co = coroutine.wrap(function()
  print(pcall(function() local x = coroutine.yield(1) error("e" .. x, 0) end))
  print(xpcall(function() local x = coroutine.yield(2) local t = nil; return t.x end, function(m) return "h:" .. m end))
  print(pcall(pcall, function() return coroutine.yield(3) end))
  print(select(2, pcall(error, coroutine.yield(4)))) return "end"
end)
print(co()) print(co "a") print(co "b") print(co "c") print(co "d")
local deep = coroutine.wrap(function()
  local function nest(n) if n == 0 then coroutine.yield "bottom" error("up", 0) end local ok, m = pcall(nest, n - 1) error(m .. n, 0) end
  return pcall(nest, 20)
end)
print(deep()) print(deep())
