-- luahost only: what scripts for later versions expect
print(pcall(assert, false, {1}) == false, type(select(2, pcall(assert, nil, {}))))
local name = os.tmpname()
local f = io.open(name, "w") f:write("12 x\nline\nrest\nof it") f:close()
f = io.open(name)
print(f:read("n", 2, "L", "l", "a"))
f:close()
for a, b in io.lines(name, 1, "l") do print(a, b) end
os.remove(name)
print(load("return 1", "=x", "t", _ENV)())
print(package.loadlib("x", "y"))
