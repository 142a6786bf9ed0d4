-- debug.getlocal and setlocal: names, temporaries, varargs, parameters.
local function f(a, b, ...)
  local c = 3
  do local hidden = 4 end
  local d
  for i = 1, 10 do local n, v = debug.getlocal(1, i) print(n, type(v) == "function" or v) end
  print(debug.getlocal(1, -1)) print(debug.getlocal(1, -2)) print(debug.getlocal(1, -3))
  print(debug.setlocal(1, 1, "A"), debug.setlocal(1, 4, "D"), debug.setlocal(1, -1, "V"), debug.setlocal(1, 100, 1), debug.setlocal(1, -9, 1))
  print(a, b, c, d, ...)
end
f(1, 2, "x", "y")
print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3), debug.getlocal(print, 1))
print((function(...) return debug.getlocal(1, -1) end)("va"))
print((function() return debug.getlocal(1, -1) end)("va"))
local function outer() local x, y = 10, 20 local function inner() print(debug.getlocal(2, 1)) print(debug.getlocal(2, 2)) print(debug.setlocal(2, 1, 99)) end inner() return x, y end
print(outer())
for i, v in ipairs{"item"} do local n = 1 while true do local name, v = debug.getlocal(1, n) if not name then break end io.write(name, " ") n = n + 1 end print() end
for k = 5, 5 do local n = 1 while true do local name = debug.getlocal(1, n) if not name then break end io.write(name, " ") n = n + 1 end print() end
local co = coroutine.create(function(p, ...) local l = p .. "!" coroutine.yield() return l end)
print(pcall(function() return debug.getlocal(co, 0, 1) end))
coroutine.resume(co, "par", "v1", "v2")
print(debug.getlocal(co, 1, 1)) print(debug.getlocal(co, 1, 2)) print(debug.getlocal(co, 1, 3)) print(debug.getlocal(co, 1, -2)) print(debug.setlocal(co, 1, 2, "changed")) print(coroutine.resume(co))
print(debug.getlocal(1, 0), pcall(function() return debug.getlocal(99, 1) end)) print(pcall(function() return debug.setlocal(99, 1, 1) end))
local function temporaries(x) local t = {x, (function() local r = {} for i = 1, 6 do r[#r + 1] = tostring((debug.getlocal(2, i))) end return table.concat(r, ",") end)()} return t[2] end print(temporaries(1))
