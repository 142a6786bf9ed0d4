-- luahost only
local function failure(...) return (select(2, pcall(...))) end
print(utf8.codepoint("aé€😀")) print(utf8.codepoint("aé€😀", 1, -1)) print(utf8.codepoint("aé€😀", 2)) print(utf8.codepoint("aé€😀", 4, 7)) print(utf8.codepoint("aé€😀", -4)) print(select("#", utf8.codepoint("abc", 3, 2)))
print(failure(utf8.codepoint)) print(failure(utf8.codepoint, "")) print(failure(utf8.codepoint, "abc", 0)) print(failure(utf8.codepoint, "abc", 4)) print(failure(utf8.codepoint, "abc", 1, 4)) print(failure(utf8.codepoint, "é", 2)) print(failure(utf8.codepoint, "\xff")) print(failure(utf8.codepoint, "a\xc3", 1, -1)) print(failure(utf8.codepoint, "abc", {}))
for c = 0, 0x10FFFF, 997 do assert(utf8.codepoint(utf8.char(c)) == c) end
print(utf8.char(utf8.codepoint("grüße", 1, -1)))
