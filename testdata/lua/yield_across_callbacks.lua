-- luahost only
-- A function that a library calls back can't yield.
local function yielding(f) return coroutine.wrap(function() return pcall(f) end)() end
print(yielding(function() table.sort({ 3, 2, 1 }, function() coroutine.yield() end) end))
print(yielding(function() return ("x"):gsub("x", function() coroutine.yield() end) end))
print(yielding(function() return ("%s"):format(setmetatable({}, { __tostring = function() coroutine.yield() end })) end))
print(yielding(function() return table.concat(setmetatable({}, { __len = coroutine.yield })) end))
