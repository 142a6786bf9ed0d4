local function hex(s) return (s:gsub(".", function(c) return ("%02X"):format(c:byte()) end)) end
local function unhex(s) return (s:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)) end
local all = {} for i = 0, 255 do all[i + 1] = string.char(i) end
all = table.concat(all)
print(hex("Lua\0\255"), unhex(hex(all)) == all, #hex(all))
local function escape(s) return (s:gsub("[^%w]", function(c) return ("%%%02x"):format(c:byte()) end)) end
local function unescape(s) return (s:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end
print(escape("a b&c=d/é"), unescape(escape(all)) == all)
local sum = 0
for i = 1, #all do sum = (sum * 31 + all:byte(i)) % 4294967296 end
print(sum)
local crc = 0xFFFFFFFF
for i = 1, #all do
  crc = bit32.bxor(crc, all:byte(i))
  for _ = 1, 8 do crc = bit32.bxor(bit32.rshift(crc, 1), bit32.band(crc, 1) * 0xEDB88320) end
end
print(("%08x"):format(bit32.bnot(crc)))
