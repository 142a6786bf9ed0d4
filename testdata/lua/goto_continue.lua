-- goto as continue, as a nested break, and as a loop.
for i = 1, 6 do
  if i % 2 == 0 then goto continue end
  io.write(i, " ")
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if i * j == 4 then goto done end
    io.write(i, "*", j, " ")
  end
end
::done::
print()
do
  local n = 0
  ::top::
  n = n + 1
  if n < 5 then goto top end
  print(n)
end
local i = 1
while i < 10 do
  i = i + 1
  if i % 3 ~= 0 then goto next end
  io.write(i, " ")
  ::next::
end
print()
repeat
  local x = i
  i = i + 1
  if x < 12 then goto again end
  io.write(x, " ")
  ::again::
until i > 15
print()
