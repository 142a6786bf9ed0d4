local s = ("0123456789"):rep(20)
local n, sum = select("#", s:byte(1, -1)), 0
for _, b in ipairs { s:byte(1, -1) } do sum = sum + b end
print(n, sum)
print(string.char(s:byte(1, 200)) == s)
local t = { ("x"):rep(5000):byte(1, -1) }
print(#t, t[1], t[5000])
