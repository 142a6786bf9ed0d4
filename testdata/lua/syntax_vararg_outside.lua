-- "..." belongs to vararg functions alone; a chunk is one.
local function e(text) local f, m = load(text, "=s") print(text, f and "compiles" or m) end
e "return ..."
e "return (...)"
e "local a, b = ..."
e "function f() return ... end"
e "function f(...) return ... end"
e "function f(...) return function() return ... end end"
e "function f(...) return function(...) return ... end end"
e "function f(a, ...) local b = {...} end"
e "function f(..., a) end"
e "x = ... + ..."
e "x = -..."
e "...()"
e "(...)()"
e "...: f()"
e "(...):f()"
e "... = 1"
e "local ... = 1"
print(load "return select('#', ...)"(1, nil, nil))
print(load "return ..."(1, 2, 3))
print((load "return ..."(1, 2, 3)))
