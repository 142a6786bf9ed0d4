-- Generators, producers and consumers, permutations, a scheduler.
local function permgen(a, n)
  n = n or #a
  if n <= 1 then coroutine.yield(a) else
    for i = 1, n do
      a[n], a[i] = a[i], a[n]
      permgen(a, n - 1)
      a[n], a[i] = a[i], a[n]
    end
  end
end
for p in coroutine.wrap(function() permgen{1, 2, 3} end) do io.write(table.concat(p), " ") end print()
local function producer() return coroutine.create(function() for i = 1, 4 do coroutine.yield("item " .. i) end return nil end) end
local function filter(prod) return coroutine.create(function()
  local n = 1
  while true do
    local _, v = coroutine.resume(prod)
    if not v then return nil end
    coroutine.yield(n .. ": " .. v) n = n + 1
  end end) end
local f = filter(producer())
while true do local _, v = coroutine.resume(f) if not v then break end print(v) end
local function gen(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end
local function sieve(p, g) return coroutine.wrap(function() for n in g do if n % p ~= 0 then coroutine.yield(n) end end end) end
local x = gen(50)
while true do local n = x() if n == nil then break end io.write(n, " ") x = sieve(n, x) end print()
local tasks, log = {}, {}
for i = 1, 3 do tasks[i] = coroutine.create(function() for j = 1, i do log[#log + 1] = i .. "." .. j coroutine.yield() end end) end
while #tasks > 0 do for i = #tasks, 1, -1 do coroutine.resume(tasks[i]) if coroutine.status(tasks[i]) == "dead" then table.remove(tasks, i) end end end
print(table.concat(log, " "))
local n = 0
for i = 1, 10000 do local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) n = n + co(i) + co(1) end
print(n)
local function tree(t) if t then tree(t[1]) coroutine.yield(t.v) tree(t[2]) end end
for v in coroutine.wrap(function() tree{{{v = 1}, v = 2, {v = 3}, [1] = {v = 1}}, v = 4, [2] = {v = 6}} end) do io.write(v, " ") end print()
