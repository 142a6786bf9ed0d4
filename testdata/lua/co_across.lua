-- Yields across pcall, metamethods, iterators and library functions.
local function run(f, ...)
  local co = coroutine.create(f)
  local r = table.pack(coroutine.resume(co, ...))
  while coroutine.status(co) ~= "dead" do
    print("yield", table.unpack(r, 2, r.n))
    r = table.pack(coroutine.resume(co, "back"))
  end
  print("end", table.unpack(r, 1, r.n))
end
local yield = coroutine.yield
run(function() return pcall(function() return yield("in pcall") end) end)
run(function() return pcall(function() yield("before error") error("err", 0) end) end)
run(function() return pcall(pcall, pcall, function() yield(1) error("deep", 0) end) end)
run(function() return xpcall(function() yield("x") error("e", 0) end, function(m) return "H" .. m end) end)
run(function() return xpcall(function(...) return yield(...) end, print, 1, 2) end)
local mt = {}
for _, n in ipairs{"add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "len", "eq", "lt", "le", "index", "call"} do
  mt["__" .. n] = function(...) return yield("__" .. n) end
end
mt.__newindex = function(t, k, v) yield("__newindex " .. k .. "=" .. tostring(v)) rawset(t, k, v) end
local function V() return setmetatable({}, mt) end
local a, b = V(), V()
run(function() return a + b, 1 - a, a * 2 end)
run(function() return a / 1, a % 1, a ^ 1, -a end)
run(function() return #a, a.x, a[1], a(1) end)
run(function() return a == b, a ~= b end)
run(function() return a < b, a <= b, a > b, a >= b, not (a < b) end)
run(function() if a < b then return "less" else return "not" end end)
run(function() if a == b then return "equal" else return "not" end end)
run(function() return "x" .. a end)
run(function() return "x" .. "y" .. a .. "z" end)
run(function() return a .. b .. "c" end)
run(function() a.k = 5 return rawget(a, "k") end)
mt.__le = nil
run(function() return a <= b, a >= b end)
run(function() while a < b do return "loop" end end)
run(function() for i in function() return yield("iter") and nil end do end return "done" end)
run(function() for k, v in coroutine.wrap(function() yield(1, 2) end) do print(k, v) end return "wrapped" end)
run(function() return setmetatable({}, {__index = setmetatable({}, {__index = function(t, k) return yield(k) end})}).key end)
run(function() return (function(...) return ... end)(yield(1), yield(2)) end)
run(function() local t = {yield(1), yield(2), x = yield(3)} return t[1], t[2], t.x end)
run(function() return pcall(error, yield("arg")) end)
run(function() return load("return coroutine.yield('chunk'), ...")(7) end)
run(function() return select(2, yield(1), yield(2)) end)
