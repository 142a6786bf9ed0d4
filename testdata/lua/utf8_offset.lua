-- luahost only
local function failure(...) return (select(2, pcall(...))) end
local s = "aé€😀z"
for n = -6, 7 do io.write(n, "=", tostring(utf8.offset(s, n)), " ") end print()
print(utf8.offset(s, 1, 2), utf8.offset(s, 2, 2), utf8.offset(s, -1, 7), utf8.offset(s, -2, 7), utf8.offset(s, 0, 3), utf8.offset(s, 0, 5), utf8.offset(s, 0, 1), utf8.offset(s, 0), utf8.offset("", 1), utf8.offset("", 2), utf8.offset("", 0), utf8.offset("", -1), utf8.offset(s, 0, 12))
print(failure(utf8.offset)) print(failure(utf8.offset, "x")) print(failure(utf8.offset, "x", 1.5)) print(failure(utf8.offset, "abc", 1, 5)) print(failure(utf8.offset, "abc", 1, -4)) print(failure(utf8.offset, "abc", 1, 0)) print(failure(utf8.offset, s, 1, 3)) print(failure(utf8.offset, s, -1, 3)) print(failure(utf8.offset, {}, 1))
for i = 1, utf8.len(s) do local from = utf8.offset(s, i) io.write(s:sub(from, utf8.offset(s, 2, from) - 1), ",") end print()
