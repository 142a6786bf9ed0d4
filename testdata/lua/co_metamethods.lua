-- Yields inside metamethods and iterators.
local y = coroutine.yield
local mt = {} for _, e in ipairs {"add", "sub", "mul", "div", "mod", "pow", "unm", "len", "concat", "index", "newindex", "call", "eq", "lt", "le"} do mt["__" .. e] = function(...) return y(e) end end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
local co = coroutine.wrap(function()
  local r = {a + 1, a - 1, 2 * a, a / b, a % 2, 2 ^ a, -a, #a, a .. "x", a.k, a(1)}
  a.k = 1
  for i = 1, #r do r[i] = tostring(r[i]) end
  r[#r + 1] = tostring(a == b) r[#r + 1] = tostring(a < b) r[#r + 1] = tostring(a <= b) r[#r + 1] = tostring(a ~= b) r[#r + 1] = tostring(not (a < b))
  if a < b then r[#r + 1] = "branch" end while a == b do r[#r + 1] = "loop" break end
  r[#r + 1] = "x" .. a .. "y"
  for v in function(_, c) if not c then return y "iter" end end do r[#r + 1] = "v" .. v end
  return table.concat(r, " ")
end)
local v = co() local n = 0
while #v < 20 do io.write(v, " ") n = n + 1 v = co(n) end
print() print(v)
