-- what weak tables and finalizers see of each other, at collections and at the end
collectgarbage()
-- value reachable only from a finalized table leaves weak values, not weak keys
do
  local a = {}
  local t = {x = 10}
  local C = setmetatable({key = t}, {__mode = 'v'})
  local C1 = setmetatable({[t] = 1}, {__mode = 'k'})
  a.x = t
  setmetatable(a, {__gc = function(u) print(C.key, type(next(C1))) end})
  a, t = nil
  collectgarbage() collectgarbage()
  print(next(C), next(C1))
end
-- coroutine local access
do
  local C = setmetatable({}, {__mode = "kv"})
  local x = coroutine.wrap(function()
    local a = 10
    local function f() a = a + 10; return a end
    while true do a = a + 1; coroutine.yield(f) end
  end)
  C[1] = x
  local f = x()
  print(f(), x()(), x() == f)
  x = nil
  collectgarbage()
  print(C[1])
  print(f(), f())
end
do
  local x = coroutine.create(function() local a = 10 F = function() a = a + 1; return a end error('x') end)
  print(coroutine.resume(x))
  print(coroutine.resume(x, 1, 1, 1, 1, 1, 1, 1))
  print(F(), F())
end
-- closures cached
do local function mk() return function() end end print(mk() == mk()) local a = mk() collectgarbage() print(mk() == a) a = nil collectgarbage() print(mk() == mk()) end
do local w = setmetatable({}, {__mode = "k"}) local function mk() return function() end end w[mk()] = 1 collectgarbage() print(next(w)) end
-- many weak
do local t = setmetatable({}, {__mode = "v"}) for i = 1, 5000 do t[i] = {} end collectgarbage() print(next(t), #t) for i = 1, 100 do t[i] = "s" .. i end print(#t) end
do local t = setmetatable({}, {__mode = "k"}) for i = 1, 5000 do t[function() return i end] = i end collectgarbage() print(next(t)) end
-- gc during traversal
do local t = {} for i = 1, 1000 do t[{}] = i end local n = 0 for k, v in pairs(t) do t[k] = nil n = n + 1 if n % 100 == 0 then collectgarbage() end end print(n, next(t)) end
-- finalizers create finalizers, at close
setmetatable({}, {__gc = function() print "never before close?" end})
collectgarbage()
local order = {}
for i = 1, 5 do local o = setmetatable({}, {__gc = function() print("close", i) end}) order[i] = o end
local mt = {} mt.__gc = function(o) print("new", getmetatable(o) == mt) Glob = o setmetatable({}, mt) end
Glob = {setmetatable({}, mt)}
local bad = {__gc = function(o) return o + 1 end}
for i = 1, 3 do table.insert(order, setmetatable({}, bad)) end
KEEP = order
print "end"
