-- hooks: events, names and lines, of calls by the interpreter too
local function h(e, l) local n = debug.getinfo(1, "nt") local m = debug.getinfo(2, "nSl") print(e, l, n.name, n.namewhat, m.name, m.what, m.currentline) end
local function f(a) local x = a + 1 return x end
local t = setmetatable({}, {__index = function(t, k) return k end})
debug.sethook(h, "crl")
f(1)
local y = t.x
y = y .. "a"
math.sin(1)
for k in pairs{1} do local z = k end
local function g() return f(2) end
g()
debug.sethook()
