return function()
  local x = 0
  for i = 1, 6000000 do x = x + i % 7 end
  local i = 0
  while i < 6000000 do i = i + 1 if i % 2 == 0 then x = x - 1 end end
  return x
end
