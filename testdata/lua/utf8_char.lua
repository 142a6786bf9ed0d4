-- luahost only
local function failure(...) return (select(2, pcall(...))) end
print(utf8.char(), utf8.char(72, 228, 8364, 128512), utf8.char(65), #utf8.char(0))
for _, c in ipairs { 0, 127, 128, 2047, 2048, 65535, 65536, 0x10FFFF } do io.write(c, ":") for _, b in ipairs { utf8.char(c):byte(1, -1) } do io.write(" ", b) end print() end
print(utf8.char("65", 66.0), #utf8.char(0xD800), utf8.charpattern == "[\0-\x7F\xC2-\xF4][\x80-\xBF]*")
print(failure(utf8.char, -1)) print(failure(utf8.char, 0x110000)) print(failure(utf8.char, 1.5)) print(failure(utf8.char, "x")) print(failure(utf8.char, {})) print(failure(utf8.char, 65, nil))
local n = 0 for c in ("aé€😀z"):gmatch(utf8.charpattern) do n = n + 1 io.write("[", c, "]") end print(n)
