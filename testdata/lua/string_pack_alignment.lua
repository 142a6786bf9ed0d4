-- luahost only
local function hex(s) return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end)) end
print(hex(string.pack("<!4 b i4", 1, 2)), hex(string.pack("<!4 b i2 i8", 1, 2, 3)), hex(string.pack("<! b d", 1, 1)), hex(string.pack("<!8 b Xd b", 1, 2)), hex(string.pack("<!2 b i4", 1, 2)))
print(hex(string.pack("<b !4 i4 !1 b i4", 1, 2, 3, 4)), hex(string.pack("!4 Xi8")), hex(string.pack("<!16 b i16", 1, 2)), hex(string.pack("<!4 b Xi2 b Xi4 b", 1, 2, 3)))
print(string.packsize("!8 b d"), string.packsize("b d"), string.packsize("!4 i1 i8 i1"), string.packsize("! b Xd"), string.packsize("!2 b X i4" == "" and "" or "!2 b Xi4"), string.packsize(""), string.packsize("c10 x i3"))
print(string.packsize("b B h H l L j J T i I f d n"), string.packsize("<i7>I9c100"), string.packsize("i1i2i3i4i5i6i7i8i9i10i11i12i13i14i15i16"))
print(string.unpack("<!4 b i4", string.pack("<!4 b i4", 7, -7))) print(string.unpack("<!4 b i4", "x" .. string.pack("<!4 b i4", 7, -7), 2) ~= 7)
print(string.unpack("<b Xi4 b", "\1\2")) print(string.unpack("<!4 i2 i4", "\0\0\0\0\1\0\0\0"))
