-- Inheritance over several tables, and functions at its end.
local A = {a = "A.a"}
local B = setmetatable({b = "B.b"}, {__index = A})
local C = setmetatable({c = "C.c"}, {__index = B})
print(C.a, C.b, C.c, C.d, rawget(C, "a"))
A.d = "late" print(C.d)
B.a = "hidden" print(C.a) B.a = nil print(C.a)
setmetatable(A, {__index = function(t, k) return t == A and "A:" .. k end})
print(C.x, B.y, A.z, C[1], C[true and "k"])
C.x = 5 print(C.x, B.x)
local s = setmetatable({}, {__index = "text"})
print(s.len == string.len, pcall(function() return s[1] end))
local n = setmetatable({}, {__index = function() return 1, 2, 3 end})
print(n.x) print((select("#", n.x)))
local deep = {v = 1}
for i = 1, 90 do deep = setmetatable({}, {__index = deep}) end
print(deep.v, deep.w)
for i = 1, 20 do deep = setmetatable({}, {__index = deep}) end
print(pcall(function() return deep.v end))
