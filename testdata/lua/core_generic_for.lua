-- Generic for: iterators of any callable kind, state, more values.
local function iter(s, c) if c < s then return c + 1, c * c end end
for i, sq in iter, 3, 0 do io.write(i, "=", sq, " ") end print()
for w in ("a b c"):gmatch("%a") do io.write(w, ".") end print()
local callable = setmetatable({n = 0}, {__call = function(self, s, c) self.n = self.n + 1 if self.n <= s then return self.n end end})
for i in callable, 3 do io.write(i, " ") end print()
for a, b, c, d, e in function(_, n) if not n then return 1, 2, 3 end end do print(a, b, c, d, e) end
print(pcall(function() for x in 5 do end end))
print(pcall(function() local t = {} for x in t do end end))
print(pcall(function() for x in nil do end end))
for k, v in next, {10} do print(k, v) end
for i, v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i, i * 2) end end) do io.write(i, "/", v, " ") end print()
local t = {5, 6, 7}
for i, v in ipairs(t) do t[i] = v * 2 if i == 3 then t[4] = 1 end if i == 5 then break end end
print(table.concat(t, ","))
local closed = {}
for i, v in ipairs({1, 2}) do closed[i] = function() v = v + 1 return i, v end end
print(closed[1]()) print(closed[1]()) print(closed[2]())
