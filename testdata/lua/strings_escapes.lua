-- Escapes in quoted strings.
local function bytes(s) print(s:byte(1, -1)) end
bytes "\a\b\f\n\r\t\v\\\"\'"
bytes "\0\1\01\001\255\10a\0100"
bytes "\x00\x7f\xFF\xfFg"
bytes "a\z
       b\z c\z

   d"
bytes "line\
next"
bytes 'it\'s "quoted"' bytes "it's \"quoted\""
print("\65\066\x43" == "ABC")
print(#"\0\0\0", ("\0a\0"):len(), "a\0b" == "a\0b", "a\0b" == "a\0c", "a\0b" < "a\0c")
