return function()
  local n = 0
  for _ = 1, 40 do
    local t = {}
    for i = 1, 5000 do t[#t + 1] = "item " .. i .. ", " end
    n = n + #table.concat(t)
  end
  local s = ""
  for i = 1, 5000 do s = s .. "x" end
  for i = 1, 200000 do local x = "key" .. i n = n + #x end
  return n + #s
end
