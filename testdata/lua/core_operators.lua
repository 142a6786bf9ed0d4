-- Precedence, associativity, short circuits.
print(1 + 2 * 3, (1 + 2) * 3, 2 ^ 3 ^ 2, -2 ^ 2, not nil == true, 1 .. 2 .. 3, 2 * 3 % 4, 7 - 3 - 2, 2 ^ -1, -3 % 5, - - 2, not not nil)
print(1 < 2 and 2 < 3, 1 == 1 ~= false, "a" .. "b" == "ab", 1 + 1 .. "", 2 < 3 == true, #"ab" * 2, -#"abc", not #"")
local function t(v) io.write(tostring(v), ";") return v end
print(t(1) and t(nil) and t(2)) print(t(false) or t(nil) or t(3)) print(t(nil) and t(1) or t(2)) print((t(1) or t(2)) and t(false)) print(not (t(1) and t(2)), not t(nil) or t(5))
print(t(1) + t(2) * t(3) - t(4)) print(t(2) ^ t(1) .. t("x") .. t("y")) print(t(1) < t(2), t(1) == t(1), t("a") ~= t("b"))
local a, b = nil, false print(a == nil, a == b, b == false, a or b, b or a, a and b, b and a) print(0 and "zero is true", "" and "empty is true")
if 0 then io.write("0 ") end if "" then io.write("'' ") end if not nil then io.write("nil ") end print()
local n = 0 local function bump() n = n + 1 return n end local tt = {bump(), bump(), k = bump(), bump()} print(tt[1], tt[2], tt.k, tt[3], n)
print((function(...) return select("#", ...) end)((function() return 1, 2 end)(), (function() return 1, 2 end)()))
local v = 5 local r = v > 3 and "big" or "small" print(r, v > 9 and "big" or "small", (v == 5) == true, v ~= 5, v >= 5, v <= 4) while v > 0 and not (v == 2) do v = v - 1 end print(v)
print(1e308 * 10, -1e308 * 10, 0/0 ~= 0/0, 1/0 > 1e308, -1/0 < 0, 0 == -0, 1/-0 == -1/0 or 1/-0, 5 % 3.5, -5 % 3.5, 2^53 == 2^53 + 1)
local x if x == nil then x = {} end x.y = x.y or 1 x.y = x.y and x.y + 1 print(x.y) print(({1, 2, 3})[2], ("abc"):upper(), #{1, 2}, (#{1, 2}), -(-2))
