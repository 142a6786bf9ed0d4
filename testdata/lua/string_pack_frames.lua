-- luahost only
-- Messages with a length in front, cut from a stream as they come.
local stream = {}
for i = 1, 20 do stream[i] = string.pack(">s2", ("m%d"):format(i):rep(i)) end
stream = table.concat(stream)
local buffer, out = "", {}
for i = 1, #stream, 7 do
  buffer = buffer .. stream:sub(i, i + 6)
  while #buffer >= 2 do
    local size = string.unpack(">I2", buffer)
    if #buffer < size + 2 then break end
    local message, after = string.unpack(">s2", buffer)
    buffer = buffer:sub(after)
    out[#out + 1] = message
  end
end
print(#out, #buffer, out[1], out[3], #out[20])
local record = string.pack("<I1 z i8 d s2", 7, "name", -12345, 2.5, "data")
print(#record, string.unpack("<I1 z i8 d s2", record))
