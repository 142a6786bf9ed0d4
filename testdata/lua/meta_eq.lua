-- __eq is asked only of two different tables that share it.
local calls = 0
local eq = function(a, b) calls = calls + 1 return a.v == b.v end
local mt1, mt2, other = {__eq = eq}, {__eq = eq}, {__eq = function() return true end}
local function new(v, mt) return setmetatable({v = v}, mt) end
local a, b, c, d = new(1, mt1), new(1, mt1), new(1, mt2), new(1, other)
print(a == a, calls) print(a == b, calls) print(a ~= b, calls) print(a == c, calls)
print(a == d, d == a, calls) print(a == {v = 1}, calls) print(a == 1, a == "x", a == nil, calls)
print(rawequal(a, b), rawequal(a, a), calls)
local t = {[a] = "a"} print(t[b], t[a], calls)
mt1.__eq = function() return 0 end print(a == b) mt1.__eq = function() return nil end print(a == b)
mt1.__eq = nil print(a == b)
local same = {} same.__eq = function() return true end
local p, q = setmetatable({}, same), setmetatable({}, same)
print(p == q, p ~= q, not (p == q))
for _, x in ipairs {p} do print(x == q) end
if p == q then print "equal" else print "different" end
local i = 0
while p == q do i = i + 1 if i == 3 then same.__eq = nil end end print(i)
