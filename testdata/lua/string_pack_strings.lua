-- luahost only
local function hex(s) return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end)) end
print(hex(string.pack("z", "hi")), hex(string.pack("<s1", "hi")), hex(string.pack(">s2", "hi")), hex(string.pack("<s", "hi")), hex(string.pack("c5", "hi")), hex(string.pack("c0", "")))
print(string.unpack("z", "hello\0rest")) print(string.unpack("s1", "\5hello!")) print(string.unpack(">s2", "\0\2hi")) print(string.unpack("c3", "hello")) print(string.unpack("c0", "x"))
print(string.unpack("z z z", "a\0\0b\0")) print(string.unpack("s1 s1", "\0\1x")) print(#string.unpack("c5", string.pack("c5", "ab")))
print(hex(string.pack("c3", 12)), hex(string.pack("z", 1.5)), hex(string.pack("x"))) print(string.unpack("x b", "\9\1"))
local big = ("payload "):rep(1000)
print(string.unpack(">s4", string.pack(">s4", big)) == big, #string.pack("<s3z", big, big))
print(select("#", string.unpack("", "")), string.unpack("", "abc"), string.unpack(" < > ", "abc", 2))
