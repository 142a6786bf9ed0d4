-- debug.traceback.
local function a() return debug.traceback("msg") .. "" end
local function b() local s = a() return s end
print(b())
print(debug.traceback("m", 0):match("^m\nstack traceback:\n\t%[C%]: in function 'traceback'") ~= nil)
print((debug.traceback("x", 1)))
print(debug.traceback("level 2", 2))
print(debug.traceback("beyond", 50))
print(debug.traceback(nil) == debug.traceback())
print(debug.traceback(12), debug.traceback(true), debug.traceback(print) == print)
local t = {} print(debug.traceback(t) == t)
global_function = function() print(debug.traceback("in global")) end
global_function()
local obj = {method = function(self) print(debug.traceback("in method")) end}
obj:method() obj.method()
local field = {inner = {fn = function() print(debug.traceback("in field")) end}}
field.inner.fn()
local up = function() print(debug.traceback("in upvalue")) end
(function() up() end)()
local function tail() return debug.traceback("tail") end
local function calls_tail() return tail() end
print(calls_tail())
print((calls_tail()))
setmetatable(obj, {__index = function(t, k) print(debug.traceback("in __index")) end, __add = function() print(debug.traceback("in __add")) end, __call = function() print(debug.traceback("in __call")) end})
local _ = obj.missing
_ = obj + 1
obj()
for i in function(s, c) if not c then print(debug.traceback("in iterator")) return 1 end end do end
table.sort({2, 1}, function(x, y) print(debug.traceback("in sort")) return x < y end)
string.gsub("x", "x", function() print(debug.traceback("in gsub")) end)
pcall(function() print(debug.traceback("in pcall")) end)
local co = coroutine.create(function() local function inner() coroutine.yield() end inner() end)
print(debug.traceback(co)) coroutine.resume(co) print(debug.traceback(co)) print(debug.traceback(co, "m", 1)) print(debug.traceback(co, nil, 2)) coroutine.resume(co) print(debug.traceback(co, "dead"))
local function deep(n) if n == 0 then return (debug.traceback("deep")) end local s = deep(n - 1) return s end
print(deep(30)) print(deep(19)) print(deep(20))
load("print(debug.traceback('in chunk'))", "=chunk")()
load("print(debug.traceback('in text'))")()
load("local function f() print(debug.traceback('in file')) end f()", "@some/file.lua")()
