-- pcall and xpcall: results, nesting, handlers.
print(pcall(function(...) return ... end, 1, nil, 3, nil))
print(select("#", pcall(function() end)))
print(pcall(pcall, error, "e"))
print(pcall(function() return pcall(function() return pcall(error, "deep") end) end))
print(xpcall(function(a, b) return a + b end, print, 3, 4))
print(xpcall(function() error("msg", 0) end, function(m) return "handled " .. m, "dropped" end))
print(xpcall(error, function(m) return m end, "direct"))
print(xpcall(function() local x = nil; x() end, function(m) return (m:gsub("^.-:%d+: ", "")) end))
print(xpcall(function() error() end, function(m) return type(m) end))
print(pcall(function() xpcall(print) end))
print(pcall(function() pcall() end))
-- a handler sees the stack of the error
local function handler(m) return debug.traceback("T:" .. m, 1) end
local function inner() error("in") end
local function outer() inner() end
print(select(2, xpcall(outer, handler)))
-- an error in a handler
print(xpcall(error, error, "x"))
print(xpcall(function() error("first", 0) end, function(m)
  if m == "first" then error("second", 0) end
  return "got " .. m
end))
-- a handler behind functions of the library
print(xpcall(function() string.gsub("abc", "b", function() error("in gsub", 0) end) end, function(m) return "H " .. m end))
print(xpcall(function() table.sort({3, 2, 1}, function() error("in sort", 0) end) end, function(m) return "H " .. m end))
print(xpcall(function()
  print(pcall(string.gsub, "abc", "b", function() error("inner", 0) end))
  error("outer", 0)
end, function(m) return "H " .. m end))
-- the handler's own pcall
print(xpcall(function() error("e", 0) end, function(m)
  local ok, e = pcall(error, "inside " .. m, 0)
  return tostring(ok) .. " " .. e
end))
