-- loops that wait for the collector: what stands in registers that are not used any more does not count as held
do
  local weak = setmetatable({{}}, {__mode = "kv"})
  local n = 0
  while weak[1] do local garbage = n .. n .. n; n = n + 1 end
  print("weak table")
end
do
  local u, kept
  local done = false
  u = setmetatable({}, {__gc = function() done = true end})
  kept = {34}
  repeat u = {} until done
  print("tables", kept[1])
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  local i = 1
  repeat i = i + 1; u = tostring(i) .. tostring(i) until done
  print("strings")
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  repeat local j; u = function() return j end until done
  print("closures")
  done = false
  u = {setmetatable({}, {__gc = function() done = true end})}
  repeat local j = {}; u = coroutine.wrap(function() return j end) until done
  print("coroutines")
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  while not done do u = {{}} end
  print("while")
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  for k = 1, 1e9 do u = {k} if done then break end end
  print("for")
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  ::top:: u = {u and 1}
  if not done then goto top end
  print("goto")
  done = false
  u = setmetatable({}, {__gc = function() done = true end})
  for _ in function() return not done or nil end do u = {1} end
  print("generic for")
end
do -- the temporary values of an expression are held while it calls and loops
  local done = false
  setmetatable({}, {__gc = function() done = true end})
  local function waits() repeat local t = {} until done return "waited" end
  print(("a"):rep(3) .. tostring({"held"}):sub(1, 5) .. waits(), #{waits(), waits(), {waits()}})
  local t = setmetatable({}, {__index = function(_, k) done = false setmetatable({}, {__gc = function() done = true end}) waits() return k end})
  print(t.a .. t.b .. t.c, #(t.x .. (t.y < t.z and t.u or t.v)))
end
do -- a function that has no variables is made once, as long as something holds it
  local function make() return function() end end
  print(make() == make())
  local weak = setmetatable({make()}, {__mode = "v"})
  collectgarbage()
  print(weak[1])
end
do
  local weak = setmetatable({}, {__mode = "v"})
  weak[1], weak[2] = coroutine.create(function() coroutine.yield() end), coroutine.wrap(print)
  weak[3], weak[4] = string.gmatch("x", "x"), print
  coroutine.resume(weak[1])
  collectgarbage()
  print(weak[1], weak[2], weak[3], weak[4] == print)
end
