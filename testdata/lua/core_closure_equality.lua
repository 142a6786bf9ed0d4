-- As in Lua 5.2, a function without variables of the call that makes it is the same each time.
local a = {}
for i = 1, 3 do a[i] = function(x) return x, print end end
print(a[1] == a[2], a[2] == a[3])
for i = 1, 3 do a[i] = function() return i end end
print(a[1] == a[2], a[2] == a[3])
local function f() return function(x) return math.sin(x) end end
print(f() == f())
local function pair() return function() return 1 end, function() return 1 end end
local p, q = pair()
local r, s = pair()
print(p == q, p == r, q == s)
local function make(v) return function() return v end end
print(make(1) == make(1), make(nil) == make(nil))
local function nested(v) return function() return function() return v end end end
local n, m = nested(1), nested(1)
print(n() == n(), n() == m(), n == m)
-- joining variables makes it another one
local g = f()
debug.upvaluejoin(g, 1, function() return a end, 1)
print(f() == g, f() == f())
-- they are weak like others
local weak = setmetatable({}, {__mode = "v"})
do local h = nested({}) weak[1] = h() end
for i = 1, 5 do collectgarbage() end
print(weak[1])
-- with variables of the running call, as long as these are the same
local b, list = {}, {}
for i = 1, 5 do list[i] = function(x) return x + b + _ENV end end
print(list[3] == list[4], list[4] == list[5])
for i = 1, 5 do list[i] = function(x) return i + b + _ENV end end
print(list[3] == list[4], list[4] == list[5])
local function twice(v)
  local f = {}
  for i = 1, 2 do f[i] = function() v = v + 1 return v end end
  return f[1], f[2]
end
local one, two = twice(1)
local three = twice(1)
print(one == two, one == three, one(), two(), three())
