-- error: levels, positions, values of any type.
local function try(...) print(pcall(...)) end
try(error)
try(error, nil)
try(error, "plain")
try(function() error("one") end)
try(function() error("zero", 0) end)
try(function() error("two", 2) end)
local function thrower(level) error("at " .. level, level) end
local function caller(level) thrower(level) end
for level = 0, 4 do
  print(pcall(function() caller(level) end))
end
try(function() error(12) end)
try(function() error(12.5, 0) end)
try(function() error(true) end)
local t = {code = 7}
local ok, e = pcall(error, t)
print(ok, e == t, e.code)
local ok, e = pcall(function() error(t, 2) end)
print(ok, e == t)
local ok, e = pcall(error, print)
print(ok, e == print)
print(pcall(function() error("a\nb") end))
-- C Lua finds a name for error in _G, or in _G._G, as the hash of the day has it
print((select(2, pcall(error, "x", "y")):gsub("_G%.", "")))
print((select(2, pcall(error, "x", {})):gsub("_G%.", "")))
