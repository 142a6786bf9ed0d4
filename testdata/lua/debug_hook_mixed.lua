-- line, call and count events together
local ev = {}
debug.sethook(function(e, l) ev[#ev+1] = e .. tostring(l) end, "l", 1)
for i = 1, 3 do end
debug.sethook()
print(table.concat(ev, " "))
ev = {}
debug.sethook(function(e, l) ev[#ev+1] = e .. tostring(l) end, "lcr", 1)
for i = 1, 3 do math.sin(1) end
debug.sethook()
print(table.concat(ev, " "))
ev = {}
debug.sethook(function(e, l) ev[#ev+1] = e .. tostring(l) end, "", 2)
for i = 1, 3 do math.sin(1) end
debug.sethook()
print(table.concat(ev, " "))
ev = {}
debug.sethook(function(e, l) ev[#ev+1] = e .. tostring(l) end, "l", 3)
local x = x == 1 and 2 or 3
if x == 3 then x = 2 end
while x < 10 do x = x + 1 end
debug.sethook()
print(table.concat(ev, " "))
local function f(a,...) return a == ... end
ev = {}
debug.sethook(function(e, l) ev[#ev+1] = e .. tostring(l) end, "lcr", 1)
f()
f(1,2)
debug.sethook()
print(table.concat(ev, " "))
