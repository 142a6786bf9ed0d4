-- Comparison of values that have no order.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local values = {false, 1, "x", {}, print}
for i, a in ipairs(values) do
  for j, b in ipairs(values) do
    if type(a) ~= type(b) then
      e(function() return a < b end)
      e(function() return a >= b end)
    end
  end
end
e(function() return nil < 1 end)
e(function() return 1 <= nil end)
e(function() return nil > nil end)
e(function() return true < true end)
e(function() return {} < {} end)
e(function() return print >= print end)
e(function() return "10" < 9 end)
e(function() return coroutine.create(print) < io.stdout end)
e(function() return setmetatable({}, {}) <= setmetatable({}, {}) end)
