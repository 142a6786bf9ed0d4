local function failure(...) return (select(2, pcall(...))) end
print(string.char(), #string.char())
print(string.char(76, 117, 97))
print(#string.char(0, 0, 0), string.char(0):byte())
print(string.char(255):byte(), string.char("65"), string.char(66.9))
local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
local s = table.concat(all)
print(#s)
for i = 0, 255 do assert(s:byte(i + 1) == i and #all[i + 1] == 1) end
print(failure(string.char, 256))
print(failure(string.char, 65, -1))
print(failure(string.char, 65, 66, "x"))
print(failure(string.char, {}))
print(failure(string.char, nil))
