return function()
  local count = 0
  for _ = 1, 8 do
    local flags = {}
    for i = 2, 100000 do flags[i] = true end
    for i = 2, 100000 do
      if flags[i] then
        for k = i + i, 100000, i do flags[k] = false end
        count = count + 1
      end
    end
  end
  return count
end
