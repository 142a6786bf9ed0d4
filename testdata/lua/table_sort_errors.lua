local function failure(...) return (select(2, pcall(...))) end
local s = table.sort
print(failure(s)) print(failure(s, 1)) print(failure(s, {}, 1)) print(failure(s, {}, {})) print(failure(s, { 1 }, "x")) print(failure(s, {}, true))
print(failure(s, { 1, "x" })) print(failure(s, { "x", 1, 2 })) print(failure(s, { {}, {} })) print(failure(s, { 1, {} })) print(failure(s, { true, false }))
print(failure(s, { print, print })) print(failure(s, { 1, 2, nil, 4 }) == nil or "nil element")
print(failure(s, { 1, 2, 3 }, function() error("from the comparison", 0) end)) print(failure(s, { 1, 2, 3 }, function() error("position") end))
print(failure(s, { 3, 2, 1 }, function(a, b) return a.x < b.x end))
print(failure(s, { 1, 2, 3, 4, 5 }, function() return true end)) print(failure(s, { 5, 3, 4, 1, 2, 7 }, function() return 1 end))
print(pcall(s, { 1, 2, 3, 4, 5 }, function() return false end)) print(pcall(s, { 1, 2, 3, 4, 5 }, function() end))
local e = {} print(select(2, pcall(s, { 1, 2 }, function() error(e) end)) == e)
print(pcall(function() table.sort({ 1, "x" }) end)) print(pcall(function() table.sort({ 1, 2, 3, 4 }, function() return true end) end))
print(failure(s, setmetatable({}, { __len = function() return "x" end })))
local t = { 4, 3, 2, 1 }
print(pcall(s, t, function(a, b) if a == 2 then error("stop", 0) end return a < b end))
local sum = 0 for _, v in ipairs(t) do sum = sum + v end print(sum)
