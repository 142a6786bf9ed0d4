-- __len and __unm.
local t = setmetatable({1, 2, 3}, {__len = function(t) return "length" end, __unm = function(t) return {"negative"} end})
print(#t, rawlen(t), (-t)[1])
getmetatable(t).__len = function() return 10 end
print(#t, #t + 1, select("#", table.unpack(t)), pcall(table.concat, t, ","))
table.insert(t, "x") print(rawlen(t), rawget(t, 11))
print(select("#", table.unpack(t)))
getmetatable(t).__len = function() return nil end print(#t)
getmetatable(t).__len = function(...) return select("#", ...) end print(#t)
getmetatable(t).__unm = function(...) return select("#", ...) end print(-t, - -t)
getmetatable(t).__unm = nil print(pcall(function() return -t end))
print(-"2", -"0x10", - -"3", pcall(function() return -"x" end))
print(pcall(rawlen, 5), rawlen "abc", rawlen {1, 2})
getmetatable(t).__len = nil print(#t)
