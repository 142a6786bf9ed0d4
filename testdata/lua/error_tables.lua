-- Errors can be any value, and pass through pcall unchanged.
local E = setmetatable({}, {__call = function(self, kind) return setmetatable({kind = kind}, self) end})
E.__index = E
E.__tostring = function(e) return "E(" .. e.kind .. ")" end
local ok, err = pcall(function() error(E "disk") end)
print(ok, tostring(err), err.kind, getmetatable(err) == E)
local t = {}
print(select(2, pcall(error, t)) == t)
print(select(2, pcall(error, print)) == print)
print(select("#", pcall(error)))
local function try(f, handlers)
  local r = table.pack(pcall(f))
  if r[1] then return table.unpack(r, 2, r.n) end
  local h = handlers[r[2].kind] or handlers.default
  return h(r[2])
end
local handlers = {disk = function(e) return "handled " .. tostring(e) end, default = function(e) return "other " .. tostring(e) end}
print(try(function() error(E "disk") end, handlers))
print(try(function() error(E "net") end, handlers))
print(try(function() return 1, nil, 3 end, handlers))
local co = coroutine.create(function() error(t) end)
print(coroutine.resume(co) == false, select(2, coroutine.resume(co)))
