-- Arithmetic of constants is done before the program runs, with the same results.
local function show(...) local t = {} for i, v in ipairs { ... } do t[i] = ("%.17g"):format(v) end print(table.concat(t, " ")) end
local function pow(x, y) return x ^ y end
show(2 ^ 0.5, 2 ^ 0.3, 1.0000001 ^ 1e7, 1e-310 ^ 0.25, 10 ^ 22, 10 ^ 23, 10 ^ -5, 10 ^ 0.5, 3 ^ 0.1 * 2, -3 ^ 0.1, 2 ^ 0.3 + 1 / 3)
show(pow(2, 0.5), pow(2, 0.3), pow(1.0000001, 1e7), pow(1e-310, 0.25), pow(10, 22), pow(10, 23), pow(10, -5), pow(10, 0.5), pow(3, 0.1) * 2, -pow(3, 0.1), pow(2, 0.3) + 1 / 3)
assert(2 ^ 0.3 == pow(2, 0.3) and 1.05 ^ 30 == pow(1.05, 30) and 7 ^ -0.7 == pow(7, -0.7))
local t = { [1.1 ^ 10] = "key" }
print(t[pow(1.1, 10)], -5 % 3, 5 % -3, -5.5 % 2, 7 / 2, 2 ^ -1, 2 ^ 10, -2 ^ 2, (1 + 2) * 3 - 4 / 5)
print((function() return 1.0000001 ^ 1e7 end)() == pow(1.0000001, 1e7))
