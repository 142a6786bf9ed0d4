-- Protected calls inside protected calls.
print(pcall(pcall, error, "x"))
print(pcall(pcall, pcall, pcall, error, "x"))
print((pcall(pcall)))
print(pcall(pcall, nil))
print(pcall(nil))
print(pcall({}))
print(pcall(1, 2, 3))
local depth = 0
local function nest(n)
  if n == 0 then error("bottom", 0) end
  local ok, m = pcall(nest, n - 1)
  depth = depth + 1
  error(m .. n, 0)
end
print(pcall(nest, 9))
print(depth)
print(pcall(function()
  local ok, m = pcall(error, "first", 0)
  error("second after " .. m, 0)
end))
local log = {}
local function guarded(name, f)
  local ok, m = pcall(f)
  log[#log + 1] = name .. ":" .. tostring(m)
  if not ok then error(m, 0) end
end
pcall(guarded, "a", function() guarded("b", function() guarded("c", function() error("deep", 0) end) end) end)
print(table.concat(log, " "))
print(select("#", pcall(function() end)), select("#", pcall(function() return nil, nil end)))
