-- __pairs and __ipairs give a loop its three values.
local t = setmetatable({10, 20, 30}, {
  __pairs = function(t) local i = 4 return function(s, c) i = i - 1 if i > 0 then return i, t[i] end end, t, nil end,
  __ipairs = function(t) return function(s, i) i = i + 10 if i <= 30 then return i, s[i / 10] end end, t, 0 end})
for k, v in pairs(t) do io.write(k, "=", v, " ") end print()
for i, v in ipairs(t) do io.write(i, "=", v, " ") end print()
getmetatable(t).__pairs = function() return 1, 2, 3, 4 end print(pairs(t))
getmetatable(t).__pairs = function() end print(pairs(t))
getmetatable(t).__ipairs = function() return "a" end print(ipairs(t))
getmetatable(t).__pairs = function() error("no pairs", 0) end print(pcall(pairs, t))
local sorted = {__pairs = function(t)
  local keys = {} for k in next, t do keys[#keys + 1] = k end table.sort(keys)
  local i = 0 return function() i = i + 1 return keys[i], t[keys[i]] end
end}
for k, v in pairs(setmetatable({b = 2, c = 3, a = 1}, sorted)) do io.write(k, v, " ") end print()
local ro = setmetatable({}, {__index = {1, 2, 3}}) local n = 0
for i in ipairs(ro) do n = n + 1 end for k in pairs(ro) do n = n + 100 end print(n)
for k, v in pairs(setmetatable({}, {__pairs = function(t) return coroutine.wrap(function() coroutine.yield(1, "one") coroutine.yield(2, "two") end) end})) do io.write(k, v, " ") end print()
