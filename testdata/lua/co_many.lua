-- Thousands of coroutines, deep stacks in them, and nesting.
local cos, sum = {}, 0
for i = 1, 3000 do cos[i] = coroutine.wrap(function(a) local b = coroutine.yield(a + i) return b * 2 end) end
for i = 1, 3000 do sum = sum + cos[i](1) end print(sum)
for i = 1, 3000 do sum = sum + cos[i](i) end print(sum)
local co = coroutine.wrap(function() local function f(n) if n == 0 then coroutine.yield "deep" return 0 end return 1 + f(n - 1) end return f(10000) end)
print(co()) print(co())
local function nest(n) if n == 0 then return "inside" end return coroutine.wrap(nest)(n - 1) end print(nest(50))
local function chain(n, ...) if n == 0 then return coroutine.yield(...) end return (coroutine.wrap(function(...) return ... end))(chain(n - 1, ...)) end
print(coroutine.wrap(chain)(5, "a", "b"))
local function forever() return coroutine.wrap(forever)() end print((pcall(forever)))
local s = {} for i = 1, 100 do s[i] = coroutine.wrap(function() for j = 1, 3 do coroutine.yield(j) end end) end
local n = 0 for j = 1, 3 do for i = 1, 100 do n = n + s[i]() end end print(n)
