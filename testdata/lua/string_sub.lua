local function failure(...) return (select(2, pcall(...))) end
local s = "hello"
print(s:sub(2), s:sub(2, 3), s:sub(-3), s:sub(-3, -2), s:sub(1, -1), s:sub(1, 100))
print(s:sub(0), s:sub(-100), s:sub(-100, 2), s:sub(0, 0) == "", s:sub(6) == "", s:sub(3, 2) == "", s:sub(10, 20) == "")
print(s:sub(5, 5), s:sub(-1), s:sub(1, 1), s:sub(2, -2), s:sub(4, -4) == "", s:sub(-1, 1) == "")
print(s:sub(2.9), s:sub("2", "3"), s:sub(2, nil), string.sub(12345, 2, 3))
print(s:sub(-2 ^ 31), s:sub(1, 2 ^ 31 - 1), s:sub(-2 ^ 40, 2 ^ 40))
print(("a\0b"):sub(2):byte(1, -1))
print((""):sub(1) == "", (""):sub(1, 1) == "", (""):sub(-1) == "")
print(failure(string.sub))
print(failure(string.sub, "x"))
print(failure(string.sub, "x", {}))
print(failure(string.sub, "x", 1, "z"))
print(failure(string.sub, {}, 1))
