-- Thousands of arguments and results.
local t = {}
for i = 1, 5000 do t[i] = i end
local function count(...) return select("#", ...) end
local function pass(...) return ... end
print(count(table.unpack(t)), count(pass(table.unpack(t))), (pass(table.unpack(t))))
print(select(5000, table.unpack(t)), select(-1, table.unpack(t)), select(2500, table.unpack(t)) == 2500)
print(#{table.unpack(t)}, #{0, table.unpack(t)}, #{pass(table.unpack(t))})
print(math.max(table.unpack(t)), math.min(table.unpack(t)))
print(#string.char(table.unpack(t, 1, 255)), #table.concat({table.unpack(t)}))
print(select("#", string.byte(("x"):rep(3000), 1, -1)))
print(table.pack(table.unpack(t)).n)
local co = coroutine.wrap(function(...) local n = count(...) while true do n = count(coroutine.yield(n, ...)) end end)
print((co(table.unpack(t))), (co(table.unpack(t, 1, 10))), select("#", co()))
print(pcall(function(...) return count(...) end, table.unpack(t)))
print(select("#", pcall(pass, table.unpack(t))))
local big = {}
for i = 1, 100 do big[i] = "v" .. i end
print(#load("local " .. table.concat(big, ",") .. " = ... return {" .. table.concat(big, ",") .. "}")(table.unpack(t)))
print(pcall(table.unpack, {}, 1, 1e7))
