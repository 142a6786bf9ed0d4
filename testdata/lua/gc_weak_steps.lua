-- parameters of the collector, odd ones too
local a = collectgarbage("setpause", 0)
local b = collectgarbage("setstepmul", 0)
local t = {0, 2, 10, 90, 500, 5000, 30000, 0x7ffffffe}
for i = 1, #t do for j = 1, #t do collectgarbage("setpause", t[i]) collectgarbage("setstepmul", t[j]) collectgarbage("step", t[i]) end end
collectgarbage("setpause", a) collectgarbage("setstepmul", b) collectgarbage()
print(collectgarbage("step", -1), collectgarbage("step", 2^31-1))
