-- The level argument of error decides which line is named.
local function raise(level) error("message", level) end
local function middle(level) raise(level) end
local function outer(level)
  middle(level)
end
for level = 0, 4 do print(level, select(2, pcall(outer, level))) end
print(select(2, pcall(error, "direct")))
print(select(2, pcall(error, "direct", 1)))
print(select(2, pcall(error, "direct", 2)))
print(select(2, pcall(error)))
print(select(2, pcall(error, nil, 2)))
print(select(2, pcall(error, 12)) == 12, select(2, pcall(error, true)))
print(pcall(function() error(12) end))
print(pcall(function() error("12") end))
local function check(x) if not x then error("not x", 2) end end
print(pcall(function()
  check(true)
  check(false)
end))
print(pcall(function() error("level 50", 50) end))
print(pcall(function() error("level -1", -1) end))
local function tail() return raise(2) end
print(pcall(function() local r = tail() return r end))
