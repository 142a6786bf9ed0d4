local function failure(...) return (select(2, pcall(...))) end
local nan = 0 / 0
print(math.max(1), math.max(1, 2, 3), math.max(3, 2, 1), math.max(-1, -2), math.max("10", "9"), math.max(1, 1 / 0), math.max(1.5, 1))
print(math.min(1), math.min(1, 2, 3), math.min(3, 2, 1), math.min(-1, -2), math.min("10", "9"), math.min(1, -1 / 0), math.min(0, -0.0))
print(math.max(nan, 1) ~= math.max(nan, 1), math.max(1, nan), math.min(nan, 1) ~= math.min(nan, 1), math.min(1, nan))
local t = {} for i = 1, 200 do t[i] = (i * 37) % 101 end
print(math.max(table.unpack(t)), math.min(table.unpack(t)), math.huge, -math.huge)
print(failure(math.max)) print(failure(math.min)) print(failure(math.max, {})) print(failure(math.min, 1, "x")) print(failure(math.max, 1, 2, nil))
