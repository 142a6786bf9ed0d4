-- luahost only: utf8 over text of several scripts
local s = "aé中😀z"
print(#s, utf8.len(s), utf8.codepoint(s, 1, -1))
for p, c in utf8.codes(s) do io.write(p, ":", c, " ") end print()
for i = 1, utf8.len(s) do io.write(utf8.offset(s, i), " ") end print(utf8.offset(s, -1), utf8.offset(s, -2))
print(utf8.char(97, 233, 20013, 128512, 122) == s, utf8.char(), #utf8.char(0x10FFFF))
print(utf8.len("\xff"), utf8.len("abc\xe4\xb8"), utf8.len("", 1), utf8.len(s, 2, 4))
for c in s:gmatch(utf8.charpattern) do io.write("[", c, "]") end print()
