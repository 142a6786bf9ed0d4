-- xpcall with a handler that can't be called, and what goes on after it.
local function run(...) return select(2, pcall(xpcall, ...)) end
for _, handler in ipairs {1, true, "text"} do
  print(run(error, handler, "x"))
  print(run(function() return 1, 2 end, handler))
end
print(run(error, nil, "x"))
local log = {}
for i = 1, 3 do
  local ok, m = pcall(function()
    log[#log + 1] = "before"
    local r = run(function() local t = nil; return t.x end, nil)
    log[#log + 1] = tostring(r)
    error("own", 0)
  end)
  log[#log + 1] = m
end
print(table.concat(log, ","))
print "the end"
