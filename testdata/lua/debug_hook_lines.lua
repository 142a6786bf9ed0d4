-- the lines that hooks are told of, statement by statement
local function trace(name, f, ev, ...)
  local out = {}
  debug.sethook(function(e, l) out[#out+1] = e:sub(1,2) .. (l and l - debug.getinfo(2,"S").linedefined or "") end, ev or "l")
  local ok, e = pcall(f, ...)
  debug.sethook()
  print(name, ok, e, table.concat(out, " "))
end
trace("if", function()
  local a = 1
  if a == 1 then
    a = 2
  else
    a = 3
  end
  return a
end)
trace("if2", function() if
math.sin(1)
then
  a=1
else
  a=2
end
end)
trace("while", function()
  local i = 1
  while i <= 3 do
    i = i + 1
  end
end)
trace("repeat", function()
  local i = 1
  repeat
    i = i + 1
    local k = i
  until k > 3
end)
trace("for", function()
  for i = 1, 3 do
    local a = i
  end
end)
trace("for oneline", function()
  for i = 1, 3 do local a = i end
end)
trace("forempty", function()
  for i=1,4 do a=1
  end
end)
trace("forin", function()
  for k, v in pairs{1,2} do
    a = k
  end
end)
trace("forin2", function()
  for k, v in ipairs{1,2}
  do a = k
  end
end)
trace("loop oneline", function()
  while true do if a then break end a = 1 end
end)
trace("goto", function()
  local i = 0
  ::top:: i = i + 1
  if i < 3 then goto top end
end)
f = tostring
trace("multi", function()
  local t = {
    1,
    2,
    f(
     3)
  }
end)
trace("call multi", function()
  print = print
  local x = tostring(
    1
  ) .. tostring(
   2)
end)
trace("nested", function()
  local function g()
    return 1
  end
  g()
  g()
end)
trace("tail", function()
  local function g()
    return 1
  end
  return g()
end)
trace("cr", function()
  local function g()
    return 1
  end
  local x = g()
  return g()
end, "cr")
trace("crl", function()
  local function g(...)
    return ...
  end
  local x = g(1,2)
  local s = math.sin(1)
  return pcall(g)
end, "crl")
trace("err", function()
  local x = 1
  error "x"
end, "crl")
trace("meta", function()
  local t = setmetatable({}, {__index = function(t, k) return k end, __add = function(a, b)
     return 1 end})
  local x = t.foo
  x = t + 1
end, "crl")
trace("and", function()
  local a = 1
  local b = a == 1
    and 2
    or 3
  local c = a
    == 2
end)
trace("repeatoneline", function()
  repeat local x = 1 until true
end)
trace("concat", function()
  local a = "a" ..
    "b" ..
    1
end)
trace("closure", function()
  local a = function()
    end
  local b
  = 1
end)
trace("varargs", function(...)
  local a, b =
     ...
  return ...
end)
trace("emptyfun", function() end)
trace("emptyfun", function()
end)
trace("do", function()
  do
    local x
  end
  local y
end)
trace("if chain", function()
  local x = 3
  if x == 1 then
    x = 1
  elseif x == 2 then
    x = 2
  elseif x == 3 then
    x = 4
  end
end)
trace("not", function()
  local x
  while not x do
    if x then
      x = 1
    else
      x = 2
    end
  end
end)
trace("nested for", function()
  for i = 1, 2 do
    for j = 1, 2 do
      if j == 2 then
        break
      end
    end
  end
end)
trace("wrap", function()
  local co = coroutine.wrap(function()
    coroutine.yield(1)
    return 2
  end)
  co()
  co()
end, "crl")
-- count
local n = 0
debug.sethook(function(e, l) n = n + 1; assert(e == "count" and l == nil) end, "", 1)
local x = 1
x = x + 1
local y = x
debug.sethook()
print(n)
n = 0
debug.sethook(function() n = n + 1 end, "", 1000)
for i = 1, 100000 do end
debug.sethook()
print(n)
n = 0
debug.sethook(function(e) n = n + 1 end, "l", 1)
for i = 1, 10 do end
debug.sethook()
print(n)
print(debug.gethook())
local h = function() end
debug.sethook(h, "crl", 7)
local a, b, c = debug.gethook()
debug.sethook()
print(a == h, b, c)
debug.sethook(h, "", 7)
local a, b, c = debug.gethook()
debug.sethook()
print(a == h, b, c)
debug.sethook(nil, "crl")
print(debug.gethook())
