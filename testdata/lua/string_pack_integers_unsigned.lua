-- luahost only
-- Integers of 8 bytes and more are those of Lua 5.3: unsigned ones from 2^63 on are negative.
print(string.unpack("<I8", ("\255"):rep(8)))
print(string.unpack("<i8", ("\255"):rep(8)))
print(string.unpack("<J", string.pack("<j", -192)))
print(string.unpack("<I16", string.pack("<I16", -1)))
print(string.unpack("<i16", string.pack("<i16", -1)))
print(string.pack("<I8", -1) == ("\255"):rep(8), string.pack("<I16", -1) == ("\255"):rep(8) .. ("\0"):rep(8))
print(string.unpack("<i8", "\1\0\0\0\0\0\32\0") == 2 ^ 53, string.unpack("<i8", "\2\0\0\0\0\0\32\0") == 2 ^ 53 + 2)
print(select(2, pcall(string.pack, "<I8", 2 ^ 63)))
print(select(2, pcall(string.pack, "<i8", 2 ^ 63)))
print(select(2, pcall(string.pack, "<j", -2 ^ 64)))
print(select(2, pcall(string.unpack, "<s8", ("\255"):rep(8))))
