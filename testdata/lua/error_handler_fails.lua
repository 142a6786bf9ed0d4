-- A message handler that fails itself.
local n = 0
print(xpcall(error, function(m) error("again") end, "x"))
print(xpcall(error, function(m) n = n + 1 if n < 4 then error(m .. "+") end return m end, "x"))
print(n)
print(xpcall(error, function(m) local t = nil return t.x end, "x"))
print(xpcall(error, function(m) return pcall(error, "inside", 0) end, "x"))
print(xpcall(error, function(m) return (select(2, pcall(error, "inside", 0))) end, "x"))
print(pcall(xpcall, error, nil, "x"))
print(xpcall(error, 1, "x"))
print(xpcall(error, {}, "x"))
