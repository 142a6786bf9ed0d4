-- luahost only
-- A number from 2^63 on keeps its value as an unsigned integer of 8 bytes; there are no integers that wrap.
print(string.unpack("<I8", string.pack("<I8", 2 ^ 63)) == 2 ^ 63)
print(string.unpack("<I8", ("\255"):rep(8)) == 2 ^ 64)
print(string.unpack("<i8", ("\255"):rep(8)))
print(string.unpack("<J", string.pack("<j", -1)) == 2 ^ 64)
print(string.pack("<I8", -1) == ("\255"):rep(8))
print(string.unpack("<i8", "\1\0\0\0\0\0\32\0") == 2 ^ 53, string.unpack("<i8", "\2\0\0\0\0\0\32\0") == 2 ^ 53 + 2)
print(string.unpack("<I16", ("\255"):rep(8) .. ("\0"):rep(8)) == 2 ^ 64)
print(select(2, pcall(string.pack, "<I8", 2 ^ 64)))
print(select(2, pcall(string.pack, "<i8", 2 ^ 63)))
print(select(2, pcall(string.pack, "<j", -2 ^ 64)))
