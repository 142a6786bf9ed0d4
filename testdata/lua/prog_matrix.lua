-- Matrices as objects with operators.
local M = {} M.__index = M
local function new(rows) return setmetatable(rows, M) end
M.__mul = function(a, b)
  if type(a) == "number" then a, b = b, a end
  local r = {}
  for i = 1, #a do
    r[i] = {}
    if type(b) == "number" then for j = 1, #a[i] do r[i][j] = a[i][j] * b end
    else for j = 1, #b[1] do local s = 0 for k = 1, #b do s = s + a[i][k] * b[k][j] end r[i][j] = s end end
  end
  return new(r)
end
M.__add = function(a, b) local r = {} for i = 1, #a do r[i] = {} for j = 1, #a[i] do r[i][j] = a[i][j] + b[i][j] end end return new(r) end
M.__eq = function(a, b) return tostring(a) == tostring(b) end
M.__tostring = function(a) local r = {} for i, row in ipairs(a) do r[i] = table.concat(row, " ") end return "[" .. table.concat(r, "; ") .. "]" end
M.__pow = function(a, n) local r = a for _ = 2, n do r = r * a end return r end
M.__unm = function(a) return a * -1 end
M.__call = function(a, i, j) return a[i][j] end
local a, b = new {{1, 2}, {3, 4}}, new {{0, 1}, {1, 0}}
print(a * b, b * a, a + b, a * 2, 2 * a) print(a == new {{1, 2}, {3, 4}}, a == b, -a, a(2, 1)) print(new {{1, 1}, {1, 0}} ^ 30)
