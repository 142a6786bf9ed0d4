-- "..." in every place it can be.
local function count(...) return select("#", ...) end
local function pass(...) return ... end
print(count(), count(nil), count(nil, nil), count(pass()), count((pass())), count(pass(), pass()))
print(count(pass(1, 2), pass(3, 4)), count(pass(1, 2), (pass(3, 4))))
print((pass(1, 2, 3)))
local t = {pass(1, 2), pass(3, 4), (pass(5, 6))}
print(#t, table.concat(t, ","))
t = {pass(1, 2), pass(3, 4), x = pass(5, 6)}
print(#t, t.x)
local function first(...) local a, b = ... return a, b end
print(first(), first(1), first(1, 2, 3))
local function both(a, ...) return a, count(...), ... end
print(both()) print(both(1)) print(both(1, 2, 3))
local function modify(...) local a = ... a = 10 return a, ... end
print(modify(1, 2))
local function sum(...) local s = 0 for _, v in ipairs {...} do s = s + v end return s end
print(sum(), sum(1), sum(1, 2, 3), sum(1, nil, 3))
local function closure(...) local a = {...} return function() return table.unpack(a) end end
print(closure(1, 2, 3)())
print(select("#", table.unpack({}, 1, 3)), select("#", table.unpack {}), (select("#")))
local function loop(...) for i, v in pass(ipairs({...})) do io.write(i, "=", tostring(v), " ") end print() end
loop("a", "b")
print(pass("x" .. (... or 1), "y"))
print(-select("#", ...), not ..., count(...) == 0)
