-- debug.getinfo: all options on levels, functions and coroutines.
local function show(t, ...) local r = {} for _, k in ipairs{...} do r[#r + 1] = k .. "=" .. tostring(t[k]) end print(table.concat(r, " ")) end
local function f(a, b, ...)
  local info = debug.getinfo(1)
  show(info, "what", "source", "short_src", "linedefined", "lastlinedefined", "currentline", "name", "namewhat", "nups", "nparams", "isvararg", "istailcall")
  print(info.func == f)
  show(debug.getinfo(2), "what", "name", "namewhat", "currentline", "linedefined")
  show(debug.getinfo(0), "what", "name", "source", "short_src", "currentline", "linedefined", "nups", "nparams", "isvararg")
end
f(1)
show(debug.getinfo(f), "what", "source", "linedefined", "lastlinedefined", "currentline", "name", "namewhat", "nups", "nparams", "isvararg", "istailcall")
show(debug.getinfo(print), "what", "source", "short_src", "linedefined", "lastlinedefined", "currentline", "nparams", "isvararg", "name", "namewhat")
print(debug.getinfo(print, "L").activelines, debug.getinfo(100), debug.getinfo(1, "f").func ~= nil)
local function lines(f) local r = {} for l in pairs(debug.getinfo(f, "L").activelines) do r[#r + 1] = l end table.sort(r) return table.concat(r, " ") end
print(lines(f))
print(lines(function()
  local x = 1

  if x then
    return 2
  end
end))
print(lines(load("x = 1\n\n\ny = 2")))
show(debug.getinfo(1, "S"), "what", "name", "currentline", "source") show(debug.getinfo(1, "l"), "what", "currentline") show(debug.getinfo(1, "n"), "name", "namewhat") show(debug.getinfo(1, "t"), "istailcall", "what") show(debug.getinfo(1, "u"), "nups", "nparams", "isvararg")
print(next(debug.getinfo(1, "")))
local function tail() show(debug.getinfo(1, "tn"), "istailcall", "name", "namewhat") return 1 end
local function caller() return tail() end
caller()
tail()
local t = {} function t.field() show(debug.getinfo(1, "n"), "name", "namewhat") end function t:method() show(debug.getinfo(1, "n"), "name", "namewhat") end t.field() t:method() t["field"]()
function glob() show(debug.getinfo(1, "n"), "name", "namewhat") end glob() local loc = glob loc() _G.glob() pcall(glob)
setmetatable(t, {__index = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __newindex = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __add = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __concat = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __eq = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __lt = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __le = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __len = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __unm = function() show(debug.getinfo(1, "n"), "name", "namewhat") end, __call = function() show(debug.getinfo(1, "n"), "name", "namewhat") end})
local _ = t.x t.y = 1 _ = t + 1 _ = t .. "x" _ = t == setmetatable({}, getmetatable(t)) _ = t < t _ = t <= t _ = #t _ = -t t()
for _ in function() show(debug.getinfo(1, "n"), "name", "namewhat") end do end
local co = coroutine.create(function(x) local y = x * 2 coroutine.yield(y) end) coroutine.resume(co, 21)
show(debug.getinfo(co, 0, "Sn"), "what", "name") show(debug.getinfo(co, 1, "Sl"), "what", "currentline") print(debug.getinfo(co, 2))
show(debug.getinfo(load("return 1", "@a/b.lua"), "S"), "what", "source", "short_src", "linedefined") show(debug.getinfo(load("return 1", "=x"), "S"), "source", "short_src")
show(debug.getinfo(load("return 1 -- a rather long text that does not fit into the room for it at all"), "S"), "short_src") show(debug.getinfo(load("return 1\n-- second line"), "S"), "short_src") show(debug.getinfo(load("return 1", "@" .. ("long/"):rep(20) .. "file.lua"), "S"), "short_src")
print(pcall(function() return debug.getinfo("x") end)) print(pcall(function() return debug.getinfo(1, 5) end))
