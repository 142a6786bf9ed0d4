-- goto and labels.
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    if i == 3 then goto done end
    io.write(i, ":", j, " ")
    ::continue::
  end
end
::done:: print()
do local i = 1
  ::top:: if i <= 3 then io.write(i, " ") i = i + 1 goto top end
  print()
end
do goto skip
  local x
  ::skip::
end
local function f(n) if n > 0 then goto positive else goto other end ::positive:: do return "positive" end ::other:: return "other" end
print(f(1), f(-1))
print(load("goto nowhere"))
print(load("do ::a:: end goto a"))
print(load("::a:: ::a::"))
print(load("goto a; local x; ::a:: print(x)"))
print(load("break"))
print(load("while true do local function f() break end end"))
while true do do break end end
repeat local x = 1 if x then break end until false
for i = 1, 10 do if i > 2 then break end io.write(i, " ") end print()
do
  local k = 0
  ::l1::
  k = k + 1
  if k < 3 then goto l1 end
  print(k)
end
