return function()
  local n = 0
  for i = 1, 500000 do
    local p = {x = i, y = i + 1, name = "p"}
    p.x = p.x + p.y
    p.z = p.x
    n = n + p.z
  end
  local keys = {}
  for i = 1, 100 do keys[i] = "key" .. i end
  local t = {}
  for _ = 1, 3000 do for i = 1, 100 do local k = keys[i] t[k] = (t[k] or 0) + i end end
  for k, v in pairs(t) do n = n + v end
  return n
end
