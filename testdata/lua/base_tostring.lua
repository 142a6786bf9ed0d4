-- tostring, __tostring, print.
print(tostring(nil), tostring(true), tostring(false), tostring("s"), tostring(12), tostring(-0.5))
print(tostring(1e100), tostring(1e100), tostring(2^63), tostring(0/0 ~= 0/0), tostring(1/0), tostring(-1/0))
print(123456789012, 0.1, 1/3, 100, 1e2, -1e-7, 3.0)
print((tostring({}):gsub("0x%x+", "ADDR")))
print((tostring(print):gsub("0x%x+", "ADDR")))
print((tostring(function() end):gsub("0x%x+", "ADDR")))
print((tostring(coroutine.create(print)):gsub("0x%x+", "ADDR")))
local named = setmetatable({}, {__tostring = function(t) return "I am " .. t.name end})
named.name = "x"
print(named, tostring(named))
print(tostring(setmetatable({}, {__tostring = function() return 42 end})))
print(type(tostring(setmetatable({}, {__tostring = function() return 42 end}))))
print(pcall(function() print(setmetatable({}, {__tostring = function() return {} end})) end))
print(pcall(function() print(setmetatable({}, {__tostring = function() error("no", 0) end})) end))
print(pcall(function() tostring() end))
print(tostring(1, 2), select("#", tostring(1)))
-- print uses the global tostring
local real = tostring
tostring = function(v) return "<" .. real(v) .. ">" end
print(1, "a", nil)
tostring = function() return nil end
io.write(real(select(2, pcall(print, 1))), "\n")
tostring = real
print()
print(nil)
print("a\0b" == "a\0b", #"a\0b")
