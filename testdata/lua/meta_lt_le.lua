-- __lt and __le: results become booleans; __le falls back on __lt.
local log = {}
local mt = {}
mt.__lt = function(a, b) log[#log + 1] = "lt" return a.v < b.v end
local function new(v) return setmetatable({v = v}, mt) end
local a, b = new(1), new(2)
print(a < b, b < a, a > b, b > a, a <= b, a >= b, a <= a, a >= a)
print(table.concat(log, " ")) log = {}
mt.__le = function(a, b) log[#log + 1] = "le" return a.v <= b.v end
print(a <= b, a >= b, a <= a, not (a > b)) print(table.concat(log, " "))
mt.__lt = function() return "yes" end print(a < b, a > b)
mt.__lt = function() end print(a < b, a > b)
mt.__le = function() return 0 end print(a <= b)
print(pcall(function() return a < 1 end)) print(pcall(function() return 1 < a end))
mt.__lt = function(x, y) return type(x) == "number" end
print(a < 1, 1 < a, a > 1, 1 > a) print("x" < a, a < "x")
local list = {}
mt.__lt = function(x, y) return x.v > y.v end
for i, v in ipairs {3, 1, 4, 1, 5, 9, 2, 6} do list[i] = new(v) end
table.sort(list) for _, x in ipairs(list) do io.write(x.v, " ") end print()
print(math.max(1, 2), pcall(math.max, a, b))
