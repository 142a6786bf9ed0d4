-- Protected calls in protected calls are bounded; how many there may be depends on what is below them.
local function deep() return pcall(deep) end
local r = table.pack(deep())
print(r.n > 150, r.n < 250, r[1], r[r.n - 1], r[r.n])

local function alone() local ok, v = pcall(alone) return v end
print(type(alone()))

local handled = 0
local function handler(m) handled = handled + 1 return m .. "!" end
local function deepx() return xpcall(deepx, handler) end
r = table.pack(deepx())
print(r.n > 150, r.n < 250, r[r.n - 1], r[r.n], handled)

-- What has ended doesn't count, however it ended.
for i = 1, 1000 do
  pcall(error, "x")
  pcall(pcall)
  pcall(nil)
  pcall(xpcall, error, handler)
  assert(xpcall(function() return pcall(error) end, handler))
end
local co = coroutine.wrap(function() while true do pcall(coroutine.yield) pcall(error) end end)
for i = 1, 1000 do co() end

-- Each coroutine has its own, those that died inside of some are forgotten.
for i = 1, 300 do
  local co = coroutine.create(function() pcall(function() pcall(coroutine.yield, i) end) end)
  assert(select(2, coroutine.resume(co)) == i)
end
local function nest(n) if n == 0 then return "bottom" end local ok, v = pcall(nest, n - 1) return v end
print(nest(150))
print(nest(150))
