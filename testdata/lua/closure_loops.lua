-- Loop variables are new in each pass.
local fs = {}
for i = 1, 3 do fs[#fs + 1] = function() i = i + 1 return i end end
for _, f in ipairs(fs) do io.write(f(), f(), " ") end
print()
fs = {}
for k, v in ipairs {"a", "b", "c"} do fs[k] = function() v = v .. k return v end end
for _, f in ipairs(fs) do io.write(f(), " ", f(), " ") end
print()
fs = {}
local i = 0
while i < 3 do
  i = i + 1
  local j = i
  fs[i] = {get = function() return i, j end, inc = function() j = j + 10 end}
end
fs[1].inc() fs[2].inc() fs[2].inc()
for _, f in ipairs(fs) do print(f.get()) end
fs = {}
repeat
  local x = #fs
  fs[#fs + 1] = function() return x end
until x >= 2
for _, f in ipairs(fs) do io.write(f(), " ") end
print()
for i = 1, 3 do local i = i * 2 io.write(i, " ") end
print(i)
for i = 1, 5 do
  local f = function() return i end
  if i == 3 then fs.kept = f break end
end
print(fs.kept())
