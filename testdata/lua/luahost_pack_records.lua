-- luahost only: records packed into strings
local function put(id, name, x) return string.pack("<I4s2d", id, name, x) end
local s = put(7, "seven", 0.5) .. put(8, "", -1)
local at = 1
while at <= #s do local id, name, x id, name, x, at = string.unpack("<I4s2d", s, at) print(id, name, x, at) end
print(string.packsize "<I1I2I4I8fd", #string.pack(">i3", -2), string.unpack(">i3", string.pack(">i3", -2)))
print(string.pack(">I2", 258):byte(1, -1)) print(string.pack("<I2", 258):byte(1, -1)) print(string.pack("z", "ab"):byte(1, -1))
print(table.concat(table.move({1, 2, 3}, 1, 3, 2), ","), math.type(1), math.type("x"), math.tointeger(3.0), math.tointeger(3.5), math.ult(1, 2))
