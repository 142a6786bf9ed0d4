-- An error in a __gc metamethod is one of the collectgarbage that runs it.
setmetatable({}, {__gc = function() error("!!!", 0) end})
print(pcall(function() for i = 1, 5 do collectgarbage() end end))
setmetatable({}, {__gc = function() error({}) end})
print(pcall(function() for i = 1, 5 do collectgarbage() end end))
print(pcall(collectgarbage))
-- no message handler sees it
setmetatable({}, {__gc = function() error("shielded", 0) end})
print(xpcall(function() for i = 1, 5 do collectgarbage() end end, function(m) return "handled: " .. m end))
-- steps add up to a collection
local function steps(size)
  collectgarbage()
  local garbage = {}
  for i = 1, 100 do garbage[i] = {{}} end
  local n = 0
  repeat n = n + 1 until collectgarbage("step", size)
  return n
end
collectgarbage("stop")
print(steps(0) > 10, steps(6) < steps(2), steps(10000), collectgarbage("step", 1000000))
collectgarbage("restart")
