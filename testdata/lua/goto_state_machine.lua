-- A scanner written with gotos.
local function scan(s)
  local i, out, word = 1, {}, ""
  ::start::
  local c = s:sub(i, i)
  if c == "" then goto finish end
  if c:match "%a" then goto word end
  if c:match "%d" then goto number end
  i = i + 1
  goto start
  ::word::
  do
    local w = s:match("^%a+", i)
    out[#out + 1] = "w:" .. w
    i = i + #w
    goto start
  end
  ::number::
  do
    local n = s:match("^%d+", i)
    out[#out + 1] = "n:" .. n
    i = i + #n
    goto start
  end
  ::finish::
  return table.concat(out, " ")
end
print(scan "abc 12 de34 f")
print(scan "")
print(scan "  ,, 7")
