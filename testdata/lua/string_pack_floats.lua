-- luahost only
local function hex(s) return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end)) end
print(hex(string.pack("<f", 1.5)), hex(string.pack(">f", -0.1)), hex(string.pack("<d", 1.5)), hex(string.pack(">n", -0.1)))
print(hex(string.pack("<f", 1e300)), hex(string.pack("<f", 1 / 0)), hex(string.pack("<d", -1 / 0)), hex(string.pack("<d", -0.0)))
print(string.unpack("<f", string.pack("<f", 0.1)))
print(string.unpack(">d", string.pack(">d", 0.1)))
print(string.unpack("<n<f", string.pack("<n<f", 1e300, 2 ^ 100)))
print(string.unpack("f", string.pack("f", 5e-324)), string.unpack("d", string.pack("d", 5e-324)) == 5e-324)
local nan = string.unpack("d", string.pack("d", 0 / 0)) print(nan ~= nan)
