local function failure(...) return (select(2, pcall(...))) end
local function u(...) return (table.unpack(...)) end
print(failure(u)) print(failure(u, 1)) print(failure(u, {}, {})) print(failure(u, {}, 1, "x"))
print(failure(u, {}, 1, 1e6)) print(failure(u, {}, 1, 1e7)) print(failure(u, {}, 0, 2 ^ 31 - 1)) print(failure(u, {}, -2 ^ 31, 2 ^ 31 - 1)) print(failure(u, {}, 1, 2 ^ 31 - 1))
print(failure(u, setmetatable({}, { __len = function() return "many" end })))
print(pcall(function() local a = table.unpack(nil) end))
