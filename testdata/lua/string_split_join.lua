local function split(s, sep) local t, from = {}, 1
  while true do
    local a, b = s:find(sep, from, true)
    t[#t + 1] = s:sub(from, a and a - 1)
    if not a then return t end
    from = b + 1
  end
end
for _, s in ipairs { "a,b,c", "", ",", "a,,b", "abc", ",a," } do print(#split(s, ","), table.concat(split(s, ","), "|")) end
local big = {} for i = 1, 300 do big[i] = ("f%d"):format(i) end
local line = table.concat(big, ";")
local back = split(line, ";") print(#line, #back, back[1], back[300], table.concat(back, ";") == line)
local function trim(s) return s:match("^%s*(.-)%s*$") end
print(trim("  x y  ") .. "|", trim("") .. "|", trim("   ") .. "|", #trim(("x "):rep(1000)))
print((("%d items at %s"):format(3, "shop"):gsub("%w+", string.upper)))
