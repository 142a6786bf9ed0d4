return function()
  local s = ("abcdefghijklmnopqrstuvwxyz0123456789"):rep(200)
  local n = 0
  for _ = 1, 40 do
    for i = 1, #s do n = n + s:byte(i) end
    for i = 1, #s do if s:sub(i, i) == "e" then n = n + 1 end end
  end
  local char = string.char
  for i = 1, 300000 do n = n + #char(i % 256, (i + 1) % 256) end
  return n
end
