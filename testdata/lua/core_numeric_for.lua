-- Numeric for.
local function run(a, b, c) local r = {} for i = a, b, c or 1 do r[#r + 1] = tostring(i) if #r > 8 then break end end return table.concat(r, " ") end
print(run(1, 5)) print(run(5, 1)) print(run(5, 1, -2)) print(run(1, 2, 0.25)) print(run(0, -1)) print(run(1, 1))
print(run("1", "3")) print(run("0x1", 2, "0.5"))
print(run(1, math.huge)) print(run(-math.huge, 1)) print(run(1, 0/0)) print(run(3, 1, -1))
print(pcall(function() for i = "x", 1 do end end))
print(pcall(function() for i = 1, {} do end end))
print(pcall(function() for i = 1, 2, nil do end end))
print(run(1, 3, 0):sub(1, 11))
print(run(3, 1, 0):sub(1, 11))
for i = 1, 3 do local j = i i = i * 10 io.write(j, " ", i, " ") end print()
local n = 0 for i = 0.1, 1, 0.1 do n = n + 1 end print(n)
