-- next, pairs, ipairs, __pairs, __ipairs.
local function keys(t) local r = {} for k in pairs(t) do r[#r + 1] = tostring(k) end table.sort(r) return table.concat(r, " ") end
print(keys{}, keys{1, 2, 3}, keys{a = 1, b = 2, 3})
print(next({}), next({5}), next({5}, 1))
print(next({a = 1}))
print(pcall(function() next({}, "absent") end))
print(pcall(function() next(nil) end))
print(pcall(function() for k in pairs(nil) do end end))
print(pcall(function() for k in ipairs() do end end))
-- fields may be cleared and assigned while traversing
local t = {}
for i = 1, 100 do t[i] = i t["k" .. i] = i end
local n = 0
for k, v in pairs(t) do n = n + 1 t[k] = nil end
print(n, next(t))
for i = 1, 50 do t[i] = i end
for k, v in pairs(t) do t[k] = v * 2 end
local sum = 0
for _, v in pairs(t) do sum = sum + v end
print(sum)
-- ipairs stops at the first nil
for i, v in ipairs({1, 2, nil, 4}) do io.write(i, "=", v, " ") end print()
local f, s, c = ipairs({7})
print(type(f), type(s), c, f(s, 0), f(s, 1))
-- metamethods
local p = setmetatable({}, {__pairs = function(t) return function(_, k) if not k then return 1, "one" end end, t, nil end})
for k, v in pairs(p) do print(k, v) end
local q = setmetatable({}, {__ipairs = function(t) return function(_, i) if i < 3 then return i + 1, "v" .. i end end, t, 0 end})
for i, v in ipairs(q) do print(i, v) end
print(select("#", pairs(setmetatable({}, {__pairs = function() return 1, 2, 3, 4 end}))))
print(pairs(setmetatable({}, {__pairs = function() return 1 end})))
-- ipairs does not call __index
print(#{(function() local r = {} for i, v in ipairs(setmetatable({1}, {__index = function(_, i) if i < 5 then return i end end})) do r[#r + 1] = v end return table.unpack(r) end)()})
