-- Arithmetic metamethods: which operand is asked, and what they get.
local function name(x) return type(x) == "table" and x.n or tostring(x) end
local function mt(tag)
  local m = {}
  for _, op in ipairs {"add", "sub", "mul", "div", "mod", "pow"} do
    m["__" .. op] = function(a, b) return tag .. ":" .. op .. "(" .. name(a) .. "," .. name(b) .. ")" end
  end
  return m
end
local a, b = setmetatable({n = "a"}, mt "A"), setmetatable({n = "b"}, mt "B")
print(a + b, b + a, a + 1, 1 + a, a + "x", "x" + b)
print(a - b, 1 - b, a * 2, 2 * a, a / b, 1 / a) print(a % 3, 3 % a, a ^ b, 2 ^ b)
print(a + nil, nil + a, true * b, b / print == nil)
local x = {n = "x"} print(a + x, x + a, x - b)
print(pcall(function() return x + x end))
getmetatable(a).__add = nil print(a + b, b + a, pcall(function() return a + 1 end))
getmetatable(b).__add = function() return 1, 2, 3 end print(a + b) print((b + a) + 1)
debug.setmetatable(1, {__index = {half = function(n) return n / 2 end}, __call = function(n, m) return n * m end, __concat = function() return "?" end})
print((8):half(), (3)(4), 1 .. 2) debug.setmetatable(1, nil)
debug.setmetatable(nil, {__add = function(x, y) return "nil+" end, __index = function() return "niled" end})
print(nil + 1, (nil).x, undefined.y) debug.setmetatable(nil, nil)
