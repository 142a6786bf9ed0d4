-- Where a local begins and ends.
local x = 1 local x = x + 1 print(x) do local x = x * 10 print(x) end print(x)
local function f() return x end x = 7 print(f()) local x = 8 print(f(), x)
local g = function() return g end print(g()) local function h() return h end print(h() == h)
repeat local done = true until done print(done)
for x = 1, 1 do local x = x + 100 print(x) end print(x)
if x then local x = "in if" print(x) end
local a, b = 1, function() return a end print(b())
while x do local x = x - 1 print(x) break end
function global_f() return x end x = 9 print(global_f())
local t = {} function t.a() return 1 end function t:b() return self == t end t.c = {} function t.c.d(n) return n end function t.c:e(n) return self == t.c, n end
print(t.a(), t:b(), t.c.d(4), t.c:e(5)) local x do x = 1 end print(x)
