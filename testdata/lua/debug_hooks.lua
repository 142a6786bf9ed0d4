-- debug.sethook: line, call, return and count events.
local log = {}
local function flush() print(table.concat(log, " ")) log = {} end
local function line(event, l) log[#log + 1] = l end
local function f()
  local x = 1
  for i = 1, 2 do
    x = x + i
  end
  if x > 100 then
    x = 0
  else
    x = -x
  end
  return x
end
debug.sethook(line, "l") f() debug.sethook() flush()
debug.sethook(line, "l")
local a = 1
while a < 3 do a = a + 1 end
repeat a = a - 1
until a == 0
debug.sethook()
flush()
local function event(e) local i = debug.getinfo(2, "nS") log[#log + 1] = e .. ":" .. tostring(i.name) .. ":" .. i.what end
local function inner() return 1 end
local function middle() local r = inner() return inner() end
debug.sethook(event, "cr") middle() math.abs(1) pcall(inner) debug.sethook() flush()
local co = coroutine.wrap(function() coroutine.yield() inner() end)
debug.sethook(event, "c") co() co() debug.sethook() flush()
local n = 0
debug.sethook(function() n = n + 1 end, "", 100) for i = 1, 10000 do end debug.sethook() print(n >= 100 and n <= 200)
local h = function() end debug.sethook(h, "crl", 7) local a, b, c = debug.gethook() debug.sethook() print(a == h, b, c)
-- errors and locals in a hook
local ok, e = pcall(function() debug.sethook(function() debug.sethook() error("from hook", 0) end, "l")
  local x = 1
end) debug.sethook() print(ok, e)
local seen
local function target(p) local q = p * 2
  return q end
debug.sethook(function(e, l) local i = debug.getinfo(2, "f") if i.func == target then seen = (seen or "") .. l .. tostring(select(2, debug.getlocal(2, 1))) .. " " if l == 50 then debug.setlocal(2, 1, 1) end end end, "l")
target(21) debug.sethook() print(seen ~= nil)
-- a hook on another coroutine
local co = coroutine.create(function() local x = 1
  coroutine.yield()
  x = 2
end)
debug.sethook(co, line, "l") coroutine.resume(co) coroutine.resume(co) flush() print(debug.gethook(co) == line) debug.sethook(co)
-- yields and calls inside; results and varargs survive hooks
local function many(...) return ... end
debug.sethook(function() local t = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10} for i = 1, 5 do t[i] = tostring(i) end end, "crl", 1)
print(many(1, 2, 3), select("#", many(many(1, 2), many(3, 4, 5))), #{many(1, 2, 3, 4)}, pcall(many, many(7, 8)))
for k, v in pairs({10}) do print(k, v) end
print(string.gsub("abc", "%w", function(c) return c:upper() end), table.concat({many("x", "y")}, "-"), ("%s"):rep(2):format(many(1, 2)))
debug.sethook()
-- a hook that replaces itself is not hooked
local function replaced(p)
  local q = p
end
debug.sethook(function()
  local info = debug.getinfo(2, "n")
  if info.name == "replaced" then
    debug.sethook(function(e, l)
      debug.sethook()
      log[#log + 1] = e .. l .. debug.getlocal(2, 1) .. tostring(select(2, debug.getlocal(2, 1)))
    end, "l")
  end
end, "c")
replaced(5)
flush()
