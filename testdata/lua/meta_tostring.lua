-- __tostring is used by tostring, print, %s and file writes are not.
local t = setmetatable({}, {__tostring = function(t) return "T!" end})
print(t, tostring(t), ("%s|%5s|%-5s|%.1s"):format(t, t, t, t))
print(pcall(function() return "x" .. t end) == false, pcall(io.write, t) == false)
print(pcall(table.concat, {t}))
getmetatable(t).__tostring = function() return "a\0b" end print(#tostring(t))
for _, v in ipairs {1, true} do
  getmetatable(t).__tostring = function() return v end
  print(pcall(tostring, t))
end
print(tostring(nil), tostring(true), tostring(12), tostring("s"), tostring(-0.5))
local calls = 0
getmetatable(t).__tostring = function(self, ...) calls = calls + 1 return "call " .. calls .. " " .. select("#", ...) end
print(t, t, t)
print(tostring(t, 1, 2))
getmetatable(t).__tostring = nil print(tostring(t):match "^table: " ~= nil)
print(tostring(print):match "^%a+", tostring(coroutine.create(print)):match "^%a+", tostring(io.stdout):match "^%a+ %(")
