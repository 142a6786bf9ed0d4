-- Powers to 17 digits: they are those of C.
local function show(...) local t = {} for i, v in ipairs { ... } do t[i] = ("%.17g"):format(v) end print(table.concat(t, " ")) end
local two, ten, third = 2, 10, 1 / 3
show(two ^ 0.5, two ^ third, ten ^ 0.5, ten ^ -3, ten ^ 15, ten ^ 22, ten ^ 23, ten ^ 300, ten ^ -300)
for _, rate in ipairs { 0.01, 0.05, 1e-3, 1e-6, 1e-9 } do
  local base = 1 + rate
  show(base ^ 12, base ^ 360, base ^ 1000, base ^ 12345, base ^ -7.5)
end
for _, b in ipairs { 0.1, 0.7, 1.1, 3, 7, 99, 12345.678 } do show(b ^ 2, b ^ 3, b ^ 10, b ^ 0.1, b ^ 1.5, b ^ -2, b ^ -0.3) end
for _, y in ipairs { -3, -2, -0.5, 0, 0.5, 2, 3 } do show(0 ^ y, (-1) ^ y ~= (-1) ^ y and 99 or (-1) ^ y, (1 / 0) ^ y, (-1 / 0) ^ y) end
show(0.5 ^ (1 / 0), 0.5 ^ (-1 / 0), 2 ^ (1 / 0), 2 ^ (-1 / 0), (-1) ^ (1 / 0), 1 ^ (1 / 0), (-2) ^ (2 ^ 53), (-2) ^ 1023, (-2) ^ -1023)
