local classes = { "%a", "%c", "%d", "%g", "%l", "%p", "%s", "%u", "%w", "%x", "%z", "%A", "%D", "%S", "%W", ".", "[%w_]", "[^%w_]", "[a-f0-9]", "[%a-z]", "[]%-]" }
for _, class in ipairs(classes) do
  local n, sum = 0, 0
  for i = 0, 255 do
    if string.char(i):match(class) then n, sum = n + 1, sum + i end
  end
  print(class, n, sum)
end
