-- Pieces of large strings, read again after the large ones are gone.
local big = {}
for i = 1, 2000 do big[i] = ("%04d"):format(i) end
big = table.concat(big)
local pieces = {}
for i = 1, 2000, 100 do pieces[#pieces + 1] = big:sub(4 * i - 3, 4 * i) end
local half = big:sub(1, 4000)
local found = { big:find("(0999)(1000)") }
big = nil
collectgarbage()
print(#pieces, table.concat(pieces, " "))
print(#half, half:sub(-4), table.concat(found, " "))
