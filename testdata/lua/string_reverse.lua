local function failure(...) return (select(2, pcall(...))) end
print(("hello"):reverse(), (""):reverse() == "", ("a"):reverse(), ("ab"):reverse(), string.reverse(123))
print(("\0\1\2"):reverse():byte(1, -1))
local s = {}
for i = 1, 1000 do s[i] = string.char(32 + i % 90) end
s = table.concat(s)
print(s:reverse():reverse() == s, s:reverse():sub(1, 10), s:sub(-10))
print(failure(string.reverse))
print(failure(string.reverse, {}))
