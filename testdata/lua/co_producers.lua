-- Pipelines, permutations and schedulers.
local function gen(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end
local function filter(p, g) return coroutine.wrap(function() for n in g do if n % p ~= 0 then coroutine.yield(n) end end end) end
local g, primes = gen(60), {}
while true do local p = g() if not p then break end primes[#primes + 1] = p g = filter(p, g) end print(table.concat(primes, " "))
local function perm(a, n) n = n or #a if n <= 1 then coroutine.yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end
for p in coroutine.wrap(function() perm {"a", "b", "c"} end) do io.write(p, " ") end print()
local tasks, log = {}, {}
for i = 1, 3 do tasks[i] = coroutine.create(function() for j = 1, i do log[#log + 1] = i .. ":" .. j coroutine.yield() end end) end
while #tasks > 0 do for i = #tasks, 1, -1 do coroutine.resume(tasks[i]) if coroutine.status(tasks[i]) == "dead" then table.remove(tasks, i) end end end
print(table.concat(log, " "))
local function tree(t) if t then tree(t.l) coroutine.yield(t.v) tree(t.r) end end
for v in coroutine.wrap(function() tree {v = 4, l = {v = 2, l = {v = 1}, r = {v = 3}}, r = {v = 6}} end) do io.write(v, " ") end print()
