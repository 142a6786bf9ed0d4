return function()
  local n, f = 0, string.format
  for i = 1, 120000 do
    n = n + #f("%d %s %5.2f %x", i, "name", i / 3, i) + #tostring(i) + #tostring(i / 7)
  end
  return n
end
