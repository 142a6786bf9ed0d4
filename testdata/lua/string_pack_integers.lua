-- luahost only
local function hex(s) return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end)) end
local function show(...) print(hex(string.pack(...))) end
show("b", 1) show("b", -1) show("B", 255) show("h", 258) show("<h", 258) show(">h", 258) show("=h", 258)
show("<i4", -2) show(">i4", -2) show("<I4", 4294967295) show(">I3", 66051) show("<i7", -1) show("<j", 2 ^ 53) show(">J", 2 ^ 53 - 1) show("<l", -2 ^ 53) show("<L", 1) show("<T", 5)
show("<i16", -2) show(">i16", -2) show("<I16", 2 ^ 40) show("i", 7) show("I", 7) show("<i", "12") show("i1", 127) show("i1", -128) show("i2 i2", 1, 2)
show("<j", -2 ^ 63) show("< i2 > i2 = i2", 1, 1, 1)
for n = 1, 16 do
  for _, v in ipairs { 0, 1, -1, 100, -100 } do
    assert(string.unpack("<i" .. n, string.pack("<i" .. n, v)) == v)
    assert(string.unpack(">i" .. n, string.pack(">i" .. n, v)) == v)
    if v >= 0 then assert(string.unpack(">I" .. n, string.pack(">I" .. n, v)) == v) end
  end
end
print(string.unpack("<i8", string.pack("<i8", -2 ^ 53)) == -2 ^ 53, string.unpack("<I8", string.pack("<I8", 2 ^ 53)) == 2 ^ 53)
