-- Captured variables in loops with break, goto, errors and nested functions.
local fs = {} for i = 1, 5 do local j = i * 10 fs[#fs + 1] = function() j = j + 1 return i, j end if i == 3 then break end end for _, f in ipairs(fs) do f() print(f()) end
fs = {} for i = 1, 3 do for j = 1, 2 do if j == 2 then goto skip end fs[#fs + 1] = function() i = i + j return i end ::skip:: end end print(fs[1](), fs[1](), fs[2](), fs[3]())
fs = {} local i = 0 while true do i = i + 1 local k = i fs[i] = function(v) if v then k = v end return k end if i == 3 then break end end fs[1](100) print(fs[1](), fs[2](), fs[3]())
fs = {} repeat local z = #fs fs[#fs + 1] = function() return z end until z >= 2 print(fs[1](), fs[2](), fs[3]())
local getters, setters = {}, {} for i = 1, 2 do local v getters[i], setters[i] = function() return v end, function(x) v = x end end setters[1]("one") setters[2]("two") print(getters[1](), getters[2]())
local function outer() local a = 1 local function mid() local b = 2 local function inner() a, b = a + 1, b + 1 return a, b end return inner end return mid(), mid(), function() return a end end local x, y, z = outer() x() print(x()) print(y()) print(z())
local saved for attempt = 1, 3 do pcall(function() local v = attempt saved = saved or function() v = v + 1 return v end if attempt == 1 then error() end end) end print(saved(), saved())
local co = coroutine.wrap(function() local n = 0 local function up() n = n + 1 return n end while true do coroutine.yield(up, function() return n end) end end) local up, get = co() up() up() co() print(get(), (select(2, co()))())
local function counter() local c = 0 return {inc = function() c = c + 1 return c end, reset = function() c = 0 end} end local c1, c2 = counter(), counter() c1.inc() c1.inc() c2.inc() c1.reset() print(c1.inc(), c2.inc()) local acc = (function() local t = 0 return function(n) t = t + (n or 0) return t end end)() acc(5) acc(10) print(acc())
local t = {} for k, v in pairs{a = 1} do t[1] = function() k = k .. "!" return k, v end end print(t[1]()) print(t[1]()) local function va(...) local a, b = ... return function() return a, b end end print(va(1, 2, 3)())
