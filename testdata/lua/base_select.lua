-- select and varargs.
print(select("#"), select("#", nil), select("#", 1, nil, nil))
print(select(1, "a", "b", "c"))
print(select(2, "a", "b", "c"))
print(select(4, "a", "b", "c"))
print(select(-1, "a", "b", "c"))
print(select(-3, "a", "b", "c"))
print(pcall(function() select(0, 1) end))
print(pcall(function() select(-2, 1) end))
print(pcall(function() select("x", 1) end))
print(pcall(function() select() end))
print((select(2, "a", "b", "c")))
print(select("2", "a", "b"))
local function f(...) return select("#", ...), ... end
print(f())
print(f(nil))
print(f(nil, nil))
print((f(1, 2, 3)))
local t = {f(1, 2)}
print(#t, t[1], t[2], t[3])
local function g(a, ...) local b, c = ... return a, b, c end
print(g(1)) print(g(1, 2)) print(g(1, 2, 3, 4))
local function h(...) local t = {...} return #t, select("#", ...) end
print(h(1, 2, 3))
local function many(n) local t = {} for i = 1, n do t[i] = i end return table.unpack(t) end
print(select("#", many(200)), (select(200, many(200))))
print(math.max(many(250)))
local function pass(...) return ... end
print(select("#", pass(pass(many(100)))), select("#", pass(many(10), many(10))))
print(pass(many(3), (many(3))))
print(#{many(10), many(10)}, #{(many(10))}, #{many(60), nil})
