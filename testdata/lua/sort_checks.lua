-- Results of sorting that do not depend on stability.
local function sorted(t, f) for i = 2, #t do if (f or function(a, b) return a < b end)(t[i], t[i - 1]) then return false end end return true end
local seed = 7 local function rnd(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
for _, n in ipairs {0, 1, 2, 3, 5, 10, 100, 1000} do
  local t, s = {}, 0 for i = 1, n do t[i] = rnd(50) s = s + t[i] end
  table.sort(t) for _, v in ipairs(t) do s = s - v end io.write(n, tostring(sorted(t)), s, " ")
  table.sort(t, function(a, b) return a > b end) io.write(tostring(sorted(t, function(a, b) return a > b end)), " ")
end print()
local t = {} for i = 1, 200 do t[i] = i end table.sort(t) print(sorted(t)) for i = 1, 200 do t[i] = 200 - i end table.sort(t) print(sorted(t))
for i = 1, 200 do t[i] = i % 2 end table.sort(t) print(sorted(t), t[100], t[101]) for i = 1, 200 do t[i] = 5 end table.sort(t) print(sorted(t))
local w = {"pear", "Apple", "fig", "apple", "", "10", "9"} table.sort(w) print(table.concat(w, " ")) table.sort(w, function(a, b) return #a ~= #b and #a < #b or #a == #b and a < b end) print(table.concat(w, " "))
print(pcall(table.sort, {1, 2, 3}, function() error("stop", 0) end)) print(pcall(table.sort, {3, "x", 1})==false, pcall(table.sort, {1, nil, 3}) ~= nil)
print(pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end) == false or "no error")
