-- Message handlers: arguments, results, errors inside.
local function handler(m) return "handled: " .. tostring(m) end
print(xpcall(function(...) return ... end, handler, 1, nil, 3))
print(xpcall(function() error("x", 0) end, handler))
print(xpcall(error, handler, "y", 0))
print(xpcall(error, handler))
print(xpcall(nil, handler))
print(xpcall(function() return nil + 1 end, handler))
print(xpcall(error, function(m) return m, "second is dropped" end, "m"))
print(xpcall(error, function() end, "m"))
print(xpcall(error, type, {}))
print(xpcall(error, function(e) return e.code end, {code = 7}))
print(xpcall(function() xpcall(error, function(m) print("inner", m) end, "a") error("b", 0) end, handler))
print(xpcall(pcall, handler, error, "c"))
local seen = {}
local function where(m) seen[#seen + 1] = m return debug.traceback(m, 2):match("^[^\n]*") end
print(xpcall(function() local t = nil; t.x = 1 end, where))
print(#seen)
print(xpcall(string.rep, handler))
local co = coroutine.wrap(function() print(xpcall(function() coroutine.yield("yielded") error("after", 0) end, handler)) return "end" end)
print(co())
print(co())
