-- luahost only: more functions let what they call yield
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
run(function() local t = setmetatable({}, {__pairs = function() return yield("pairs") and next, {1}, nil end}) for k, v in pairs(t) do print(k, v) end end)
run(function() return tostring(setmetatable({}, {__tostring = function() return "S" .. yield("ts") end})) end)
package.preload.yielding = function(name, ...) return name .. yield("loading") end
run(function() return require("yielding"), package.loaded.yielding end)
