-- Upvalues: identity, sharing, fresh variables per iteration.
local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end
local inc, get = counter()
local inc2, get2 = counter()
inc() inc() inc2()
print(get(), get2())
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
fs = {}
for _, v in ipairs{"a", "b"} do fs[#fs + 1] = function() return v end end
print(fs[1](), fs[2]())
fs = {}
local i = 1
while i <= 3 do local j = i fs[i] = function() j = j + 1 return j end i = i + 1 end
print(fs[1](), fs[1](), fs[2](), fs[3]())
fs = {}
i = 0
repeat local k = i fs[#fs + 1] = function() return k end i = i + 1 until k >= 2
print(fs[1](), fs[2](), fs[3]())
-- goto makes fresh variables too
fs = {}
do
  local n = 0
  ::again::
  local m = n
  fs[#fs + 1] = function() m = m + 1 return m end
  n = n + 1
  if n < 3 then goto again end
end
print(fs[1](), fs[1](), fs[2](), fs[3]())
-- distinct objects of one factory
local function make(v) return {get = function() return v end, set = function(x) v = x end} end
local a, b = make(1), make(1)
a.set(5)
print(a.get(), b.get(), a.get == b.get)
-- nesting
local function level1()
  local x = 1
  return function()
    local y = 10
    return function() x = x + 1 y = y + 1 return x, y end
  end
end
local l2 = level1()
local p, q = l2(), l2()
print(p()) print(q()) print(p())
-- parameters and varargs as upvalues
local function param(x, ...) local t = {...} return function() x = x + 1 return x, #t end end
print(param(1, 2, 3)())
-- recursion through an upvalue
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
print(fact(10))
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(1001), odd(1001))
-- variables that outlive an error
local kept
pcall(function() local v = 1 kept = function() v = v + 1 return v end error("x") end)
print(kept(), kept())
