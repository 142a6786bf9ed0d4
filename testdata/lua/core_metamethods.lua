-- Arithmetic, comparison, index, call, concat, length metamethods.
local function show(v) if type(v) == "table" then return v.s end return tostring(v) end
local mt = {}
local function V(s) return setmetatable({s = s}, mt) end
for _, op in ipairs{"add", "sub", "mul", "div", "mod", "pow", "concat"} do
  mt["__" .. op] = function(a, b) return V("(" .. show(a) .. " " .. op .. " " .. show(b) .. ")") end
end
mt.__unm = function(a, b) return V("-" .. show(a) .. tostring(rawequal(a, b))) end
mt.__len = function(a) return "len " .. show(a) end
local a, b = V"a", V"b"
print(show(a + b), show(a + 1), show(1 + a), show(a - "x"), show(2 * a), show(a / b), show(a % 2), show(2 ^ a), show(-a))
print(show(a .. b), show(a .. 1), show(1 .. a), show("x" .. a .. "y"), show("x" .. "y" .. a .. "z" .. 1), #a)
print(show(a + b * a - b))
mt.__eq = function(x, y) return x.s == y.s end
mt.__lt = function(x, y) return show(x) < show(y) end
print(a == b, a == V"a", a ~= V"a", a == 1, a < b, a > b, a <= b, a >= b, not (a < b))
print(a < "b", "0" < a, 1 < a)
mt.__le = function(x, y) return "yes" end
print(a <= b, a >= b)
mt.__call = function(self, ...) return show(self), select("#", ...), ... end
print(a(), a(1, nil), (a(1)))
mt.__index = function(t, k) return "idx " .. tostring(k) end
print(a.x, a[1], a.s, rawget(a, "x"))
mt.__newindex = function(t, k, v) rawset(t, k, "set " .. tostring(v)) end
a.new = 5 a.new2 = nil print(a.new, rawget(a, "new2"))
-- __index and __newindex chains of tables
local base = {x = 1, f = function() return "base f" end}
local mid = setmetatable({y = 2}, {__index = base})
local top = setmetatable({}, {__index = mid})
print(top.x, top.y, top.f(), top.z)
local store = {}
local proxy = setmetatable({}, {__newindex = store})
proxy.k = 1 print(rawget(proxy, "k"), store.k)
-- different metatables
local other = setmetatable({s = "o"}, {__eq = mt.__eq, __add = function() return "other" end})
print(other == a, a == other, other + a, show(a + other))
print(setmetatable({}, {__eq = function() return true end}) == setmetatable({}, {__eq = function() return true end}))
-- results are adjusted to one value
local multi = setmetatable({}, {__add = function() return 1, 2 end, __index = function() return 3, 4 end, __lt = function() return nil end, __len = function() return 5, 6 end})
print(multi + 1, multi.x, multi < multi, #multi)
-- inheritance with self
local Account = {} Account.__index = Account
function Account.new(b) return setmetatable({balance = b}, Account) end
function Account:deposit(v) self.balance = self.balance + v return self end
print(Account.new(10):deposit(5):deposit(1).balance)
