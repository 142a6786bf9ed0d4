-- Closures share the variables that they see, at any depth.
local function counter()
  local n = 0
  return function() n = n + 1 return n end, function() return n end, function(v) n = v end
end
local inc, get, set = counter()
local inc2, get2 = counter()
inc() inc() inc2()
print(get(), get2())
set(100)
print(inc(), get(), get2())
local function deep(x)
  return function()
    return function()
      return function(y) x = x + y return x end
    end
  end
end
local d = deep(1)
local a, b = d()(), d()()
print(a(1), b(10), a(100))
local function swap(p, q)
  return function() p, q = q, p return p, q end
end
local s = swap("p", "q")
print(s()) print(s())
local function recursive(n)
  local list = {}
  local function add(k) if k > 0 then list[#list + 1] = function() return k end add(k - 1) end end
  add(n)
  return list
end
for _, f in ipairs(recursive(4)) do io.write(f(), " ") end
print()
local x = "outer"
local function show() return x end
do local x = "inner" print(show(), x) x = "changed" end
x = "set" print(show())
