local function parse(line)
  local fields, i = {}, 1
  while true do
    if line:sub(i, i) == '"' then
      local value = ""
      repeat
        local _, stop, part, after = line:find('^"([^"]*)"("?)', i)
        if not stop then error("unfinished field", 0) end
        value = value .. part .. after
        i = after == '"' and stop or stop + 1
      until after == ""
      fields[#fields + 1] = value
    else
      local stop = line:find(",", i, true) or #line + 1
      fields[#fields + 1] = line:sub(i, stop - 1)
      i = stop
    end
    if line:sub(i, i) ~= "," then break end
    i = i + 1
  end
  return fields
end
for _, l in ipairs { 'a,b,c', '"a","b c","d""e"', '', ',,', '1,"x,y",2', '"q"' } do local f = parse(l) print(#f, table.concat(f, "|")) end
print(pcall(parse, '"open'))
