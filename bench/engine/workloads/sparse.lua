return function()
  local n = 0
  local t = {}
  for i = 1, 200000 do t[i * 37 % 1000003] = i end
  for i = 1, 200000 do n = n + (t[i * 37 % 1000003] or 0) end
  local q, head = {}, 1
  for i = 1, 300000 do q[i] = i if i > 100 then n = n + q[head] q[head] = nil head = head + 1 end end
  for r = 1, 3 do local u = {} for i = 30000, 1, -1 do u[i] = i end n = n + #u end
  return n
end
