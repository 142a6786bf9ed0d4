-- tracebacks and levels in message handlers of a full stack
local function f() return 1 + f() end
local ok, e = xpcall(f, function(m) return debug.traceback("x", 1) end) print(e)
local ok, e = xpcall(f, function(m) return debug.traceback("x", 2) end) print(e)
local ok, e = xpcall(f, function(m) return debug.traceback("x", 0) end) print(e)
local t = {}
xpcall(f, function(m) for i = 0, 12 do local n = debug.getinfo(i, "nSltf") print(i, n.name, n.namewhat, n.what, n.currentline, n.istailcall) end end)
local function g(n) if n == 0 then return (debug.traceback("hi")) end local x = g(n - 1) return x end
print(g(30))
