-- luahost only
local function failure(...) return (select(2, pcall(...))) end
local function show(t) print(#t, table.concat(t, " ")) end
show(table.move({ 1, 2, 3 }, 1, 3, 2)) show(table.move({ 1, 2, 3 }, 2, 3, 1)) show(table.move({ 1, 2, 3 }, 1, 3, 1)) show(table.move({ 1, 2, 3 }, 1, 3, 3)) show(table.move({ 1, 2, 3 }, 1, 3, 1, {})) show(table.move({ 1, 2, 3 }, 2, 3, 1, { 9, 9, 9 })) show(table.move({ 1, 2, 3 }, 1, 0, 5)) show(table.move({ 1, 2, 3 }, 3, 1, 1))
local t, u = { 1, 2 }, {} print(table.move(t, 1, 2, 1, u) == u, table.move(t, 1, 2, 1) == t)
local m = table.move({ [-2] = "a", [-1] = "b", [0] = "c" }, -2, 0, 1) print(m[1], m[2], m[3])
local log = {}
local proxy = setmetatable({}, { __index = function(_, i) return "v" .. i end, __newindex = function(_, i, v) log[#log + 1] = i .. "=" .. v end })
table.move(proxy, 1, 3, 5) print(table.concat(log, " ")) show(table.move(proxy, 4, 6, 1, {}))
log = {} table.move({ "x", "y" }, 1, 2, 10, proxy) print(table.concat(log, " "))
print(failure(table.move)) print(failure(table.move, 1, 1, 1, 1)) print(failure(table.move, {}, 1, 1)) print(failure(table.move, {}, "x", 1, 1)) print(failure(table.move, {}, 1, 1, 1, 5)) print(failure(table.move, {}, 1, 2.5, 1)) print(failure(table.move, {}, -1, 2 ^ 53, 1)) print(failure(table.move, {}, 1, 2, 2 ^ 53))
local big = {} for i = 1, 1000 do big[i] = i end table.move(big, 1, 1000, 501) print(#big, big[500], big[501], big[1500])
