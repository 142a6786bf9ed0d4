local function failure(...) return (select(2, pcall(...))) end
local r = table.remove
print(failure(r)) print(failure(r, 1)) print(failure(r, {}, {})) print(failure(r, {}, "x"))
print(failure(r, {}, 2)) print(failure(r, {}, -1)) print(failure(r, { 1, 2, 3 }, 5)) print(failure(r, { 1, 2, 3 }, 0)) print(failure(r, { 1, 2, 3 }, -1))
print(pcall(r, {}, 1)) print(pcall(r, { 1, 2, 3 }, 4))
print(failure(r, setmetatable({}, { __len = function() return nil end })))
print(pcall(function() table.remove({}, 7) end))
