-- Loops: bounds, steps, and what breaks them.
local function list(a, b, c) local t = {} for i = a, b, c or 1 do t[#t + 1] = i if #t > 20 then break end end print(table.concat(t, " ")) end
list(1, 3) list(3, 1) list(3, 1, -1) list(1, 2, 0.25) list(1, 1) list(0, 1, 0.3) list(-1, -3, -1) list(1, 0) list(1.5, 4) list(10, 1, -3) list(1, math.huge) list(-math.huge, 1, 1)
list("1", "3", "1") list(1, 3, 1e300) list(3, 1, -math.huge)
local n = 0 for i = 1, 3 do local j = i i = 10 n = n + j end print(n)
local limit = 3 for i = 1, limit do limit = 1 n = n + 1 end print(n)
local function it(s, c) if c < s then return c + 1 end end for i in it, 3, 0 do io.write(i, " ") end print()
for a, b, c, d in function(_, x) if not x then return 1, 2, 3 end end do print(a, b, c, d) end
while true do while true do break end n = n + 1 if n > 12 then break end end print(n)
repeat local k = n n = n + 1 until k >= 15 print(n) for i = 1, 0 do error() end for _ in pairs {} do error() end
