return function()
  local text = ("The quick brown fox jumps over the lazy dog, 42 times; key=value, other = thing\n"):rep(150)
  local n = 0
  for _ = 1, 12 do
    for w in text:gmatch("%a+") do n = n + #w end
    for k, v in text:gmatch("(%w+)%s*=%s*(%w+)") do n = n + #k + #v end
    local _, c = text:gsub("o", "0") n = n + c
    local r = text:gsub("(%w+)", function(w) if #w == 3 then return w:upper() end end) n = n + #r
    local pos = 1
    while true do local a, b = text:find("lazy%s+dog", pos) if not a then break end n = n + a pos = b + 1 end
    pos = 1
    while true do local a, b = text:find("times", pos, true) if not a then break end n = n + a pos = b + 1 end
  end
  return n
end
