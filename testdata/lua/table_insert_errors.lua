local function failure(...) return (select(2, pcall(...))) end
local i = table.insert
print(failure(i)) print(failure(i, {})) print(failure(i, 1, 2)) print(failure(i, nil, 2)) print(failure(i, "x", 2))
print(failure(i, {}, 0, 1)) print(failure(i, {}, 2, 1)) print(failure(i, { 1, 2 }, 4, 1)) print(failure(i, { 1, 2 }, -1, 1))
print(failure(i, {}, "x", 1)) print(failure(i, {}, {}, 1)) print(failure(i, {}, nil, 1)) print(failure(i, {}, 1, 2, 3)) print(failure(i, {}, 1, nil, nil))
print(failure(i, setmetatable({}, { __len = function() return "?" end }), 1))
print(pcall(function() table.insert({}, 5, 1) end))
print(pcall(function() table.insert() end))
print(pcall(function() table.insert(nil, 1) end))
