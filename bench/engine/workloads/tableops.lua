return function()
  local insert, remove, concat = table.insert, table.remove, table.concat
  local n = 0
  for _ = 1, 25 do
    local t = {}
    for i = 1, 10000 do insert(t, i) end
    n = n + #concat(t, ",")
    for i = 1, 10000 do n = n + remove(t) end
    for i = 1, 200 do insert(t, 1, i) end
    for i = 1, 200 do n = n + remove(t, 1) end
  end
  return n
end
