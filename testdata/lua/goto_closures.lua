-- Each pass of a goto loop makes new locals for closures.
local fs = {}
do
  local k = 0
  ::top::
  local x
  k = k + 1
  x = k * 10
  fs[k] = function(add) x = x + (add or 0) return x end
  if k < 4 then goto top end
end
for i = 1, 4 do fs[i](i) end
for i = 1, 4 do io.write(fs[i](), " ") end
print()
local getters = {}
for i = 1, 3 do
  local j = 0
  ::again::
  do
    local captured = i * 10 + j
    getters[#getters + 1] = function() captured = captured + 1 return captured end
  end
  j = j + 1
  if j < 2 then goto again end
end
for _, g in ipairs(getters) do io.write(g(), ":", g(), " ") end
print()
do goto skip; local unused; ::skip:: end
do
  goto first
  ::second:: print "second" goto third
  ::first:: print "first" goto second
  ::third:: print "third"
end
