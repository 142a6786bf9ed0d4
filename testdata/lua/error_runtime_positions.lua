-- Errors name the line on which they happen, in expressions over several lines too.
local function e(f, ...) print((select(2, pcall(f, ...)))) end
e(function()
  local t = nil
  local x = 1
  return t.x
end)
e(function()
  local a = {}
  return 1 +
    2 +
    a
end)
e(function()
  local f = nil
  f(
    1,
    2
  )
end)
e(function()
  return "a" ..
    "b" ..
    {}
end)
e(function()
  local t = {
    a = 1,
    b = nil + 1,
  }
end)
e(function() local x = 5



  x() end)
e(load("\n\n\nerror('fourth')", "=chunk"))
e(load("local x\n\n = nil\n + 1", "=chunk"))
e(load("return function()\n error('in function')\nend", "=chunk")())
e(load("error('at')", "@dir/file.lua"))
e(load("error('text')"))
e(load("error('text')\n"))
e(load("-- comment\nerror('text')"))
e(load(function() return nil end))
local first = true
e(load(function() if first then first = false return "error('from a reader')" end end))
