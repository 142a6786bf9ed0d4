return function()
  local n = 0
  local co = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end)
  for _ = 1, 1000000 do n = n + co() end
  for i = 1, 50000 do
    local c = coroutine.create(function(a) local b = coroutine.yield(a) return b end)
    local _, x = coroutine.resume(c, i)
    local _, y = coroutine.resume(c, x)
    n = n + y
  end
  return n
end
