local c = table.concat
print(c {}, c({}, ","), c { "a" }, c({ "a", "b", "c" }), c({ "a", "b", "c" }, ", "))
print(c({ 1, 2.5, "x", -0.0, 1e100 }, "|"), c({ 1, 2, 3 }, ",", 2), c({ 1, 2, 3 }, ",", 2, 2), c({ 1, 2, 3 }, ",", 3, 2) == "")
print(c({ 1, 2, 3 }, 0), c({ 1, 2, 3 }, nil, 2), c({ 1, 2, 3 }, "", "2", "3"), c({ [0] = "z", "a" }, "-", 0), c({ [-1] = "m", [0] = "z", "a" }, "-", -1, 1))
print(c({ "x" }, ",", 5, 4) == "", c({ 1, 2, 3 }, ",", 1.9, 2.9))
print(c({ "a\0", "\0b" }, "\0"):byte(1, -1))
local t = {}
for i = 1, 2000 do t[i] = i end
local s = c(t, " ")
print(#s, s:sub(1, 20), s:sub(-15))
local h = { [1] = "a", [2] = "b", [4] = "d" }
h[3] = "c"
print(c(h), c(h, "", 1, 3))
print(c(setmetatable({ "a", "b", "c" }, { __len = function() return 2 end })))
print(c({ 1 / 0, -1 / 0, 0.1 }, " "))
