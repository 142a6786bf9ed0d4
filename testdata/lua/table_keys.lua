-- All kinds of keys.
local f, t, co = function() end, {}, coroutine.create(print)
local m = {[1] = "one", [1.5] = "half", ["1"] = "text", [true] = "yes", [false] = "no", [f] = "f", [t] = "t", [co] = "co", [-1] = "neg", [2 ^ 53] = "big", [""] = "empty", [math.huge] = "inf", [-math.huge] = "-inf", ["a\0b"] = "zero"}
print(m[1], m[1.5], m["1"], m[true], m[false], m[f], m[t], m[co]) print(m[-1], m[2 ^ 53], m[""], m[1 / 0], m[-1 / 0], m["a\0b"], m["a"])
print(m[3 - 2], m["" .. 1], m[not nil], m[{}], m[function() end], m[nil], m[0 / 0])
m[0] = "zero" print(m[-0], m[0 * -1]) m[-0] = "minus" print(m[0])
m.and_ = 1 m["end"] = 2 print(m.and_, m["end"])
local n = 0 for _ in pairs(m) do n = n + 1 end print(n)
print(({10, 20, [2] = "x"})[2], ({[1] = "a", "b"})[1], ({["x"] = 1, x = 2}).x)
print(#{1, 2, [3] = 3}, #{[1] = 1, [2] = 2}, ({f = function(...) return ... end}).f(7))
