-- Varargs everywhere.
local function count(...) return select("#", ...) end
print(count(), count(nil), count(nil, nil), count(count()))
local function tail(_, ...) return ... end
print(tail(1, 2, 3)) print((tail(1, 2, 3))) print(tail(1)) print(#{tail(1, nil, nil, 4)})
local function pack2(...) return {n = select("#", ...), ...} end
local p = pack2(nil, 2, nil) print(p.n, p[1], p[2], p[3])
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
print(sum(1, 2, 3), sum())
print(string.format("%s %s %s", tail(0, 1, 2, 3)))
local function nested(...) return (function(...) return ... end)(...) end
print(nested(1, 2), (nested(1, 2)))
local function change(...) local a, b = ... a = 10 return a, b, ... end
print(change(1, 2))
local f = load("local a, b = ... return b, a, select('#', ...)")
print(f(1, 2, 3))
print(pcall(load, "function f() return ... end"))
local function rec(n, ...) if n == 0 then return ... end return rec(n - 1, n, ...) end
print(rec(5)) print(select("#", rec(200)))
local t = {tail(1, "x", "y"), tail(1, "z", "w")} print(#t, t[1], t[2], t[3])
local function fixed(a, b, c, ...) return c, b, a, ... end
print(fixed(1)) print(fixed(1, 2, 3, 4, 5))
print(math.max(tail(0, 3, 9, 2)), ("x"):rep(tail(0, 3)))
local function multi() return 1, 2, 3 end
local a, b, c, d = multi() print(a, b, c, d)
a, b, c = 0, multi() print(a, b, c)
a, b, c = multi(), 10 print(a, b, c)
local t = {multi(), multi(), x = multi()} print(#t, t.x)
print(multi(), (multi()))
