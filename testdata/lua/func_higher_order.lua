-- map, filter, fold, compose, curry.
local function map(f, t) local r = {} for i, v in ipairs(t) do r[i] = f(v) end return r end
local function filter(p, t) local r = {} for _, v in ipairs(t) do if p(v) then r[#r + 1] = v end end return r end
local function fold(f, a, t) for _, v in ipairs(t) do a = f(a, v) end return a end
local function compose(f, ...) if not ... then return f end local g = compose(...) return function(...) return f(g(...)) end end
local function curry(n, f) return n <= 1 and f or function(a) return curry(n - 1, function(...) return f(a, ...) end) end end
local t = {1, 2, 3, 4, 5, 6}
print(table.concat(map(function(x) return x * x end, t), " "))
print(table.concat(filter(function(x) return x % 2 == 0 end, t), " "))
print(fold(math.max, 0, t), fold(function(a, b) return a .. b end, "", t))
print(compose(tostring, math.sqrt, function(a, b) return a + b end)(7, 9))
print(curry(3, function(a, b, c) return a, b, c end)(1)(2)(3))
print(select("#", compose(function(...) return ... end, table.unpack)(t)))
