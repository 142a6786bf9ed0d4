-- Functions defined with dots and colons.
local a = {b = {c = {}}}
function a.b.c.f(...) return select("#", ...) end
function a.b.c:m(...) return self == a.b.c, select("#", ...) end
print(a.b.c.f(), a.b.c:f(), a.b.c.f(1, 2)) print(a.b.c:m(1)) print(a.b.c.m(1, 2))
local s = "text" print(s:upper():lower():rep(2):sub(2, -2):len())
print(("%d"):rep(3, " "):format(1, 2, 3), #("x"):rep(3), ("a"):byte())
local list = {n = 0} function list:add(v) self.n = self.n + 1 self[self.n] = v return self end
print(list:add "a":add "b":add {}.n)
print(type {}, type "x", type [[y]], #{...}, print == _G.print)
local f = function(t) return function(s) return #t .. s end end print(f {1, 2} "x", f {} [[y]], (f {1}) ("z"))
