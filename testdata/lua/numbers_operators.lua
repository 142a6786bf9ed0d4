-- literals, escapes, coercions and comparisons
local function p(...) local t = table.pack(pcall(...)) for i = 1, t.n do t[i] = tostring(t[i]) end print((table.concat(t, "\t"):gsub("[%c\128-\255]", function(c) return "\\" .. c:byte() end))) end
local f = string.format
print(1e308 * 10, -1e308 * 10, 2^24, -2^31, 1e10, 123456.789e3, 0.1 + 0.2, 100 / 3, 1e-320)
print(0x10, 0xA.8p0, 0x.1, 0x1p-1, 3e0, .5, 5., 0x7fffffffffffffff, 0xffffffffffffffffff, 1e1, 1E+1, 1e-1)
print(#"\z
     abc", "\x41\65\10x\065z", '\'', "\"", "a\
b", '\a\b\f\v' == "\7\8\12\11", [[
x]], [==[]]]==], "\z", "\z  ")
print("1" + 1, "0x10" + 0, " 3 " * "2", 10 .. 20, "10" / 2, -"2", "2" ^ "3", "7" % "4")
p(function() return "a" + 1 end) p(function() return {} .. "x" end) p(function() return "abc" < 1 end) p(function() return {} < {} end) p(function() return nil > 1 end) p(function() return #5 end) p(function() return -{} end) p(function() return 2 ^ {} end) p(function() local a; return a.b end) p(function() return ("x").y.z end) p(function() return (1)() end)
print("a" < "b", "a" < "A", "" < "a", "a\0b" < "a\0c", "a\0" > "a", "Z" < "a", "a" <= "a", "\255" > "a", "é" < "z")
