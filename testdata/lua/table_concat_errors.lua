local function failure(...) return (select(2, pcall(...))) end
local c = table.concat
print(failure(c)) print(failure(c, 1)) print(failure(c, "x")) print(failure(c, nil))
print(failure(c, {}, {})) print(failure(c, {}, ",", {})) print(failure(c, {}, ",", 1, {}))
print(failure(c, { {} })) print(failure(c, { 1, true })) print(failure(c, { 1, 2, print }, ","))
print(failure(c, { 1, nil, 3 }, ",", 1, 3)) print(failure(c, {}, ",", 1, 1)) print(failure(c, { 1 }, ",", 0, 1)) print(failure(c, {}, ",", -3, -1))
print(failure(c, setmetatable({}, { __index = function(_, i) return i end, __len = function() return 3 end })))
print(failure(c, setmetatable({}, { __len = function() return "x" end })))
print(failure(c, setmetatable({}, { __len = function() return {} end })))
print(failure(c, setmetatable({}, { __len = function() error("len", 0) end })))
print(pcall(function() return c({ {} }) end))
