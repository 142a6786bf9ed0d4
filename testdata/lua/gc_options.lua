-- The results of collectgarbage.
print(collectgarbage(), collectgarbage "collect", type(collectgarbage "count"), collectgarbage "count" > 0) print(collectgarbage "isrunning") print(collectgarbage "stop", collectgarbage "restart")
print(type(collectgarbage("setpause", 200)), type(collectgarbage("setstepmul", 200)), type(collectgarbage("step", 100))) print((pcall(collectgarbage, "none")))
local t = {} for i = 1, 1000 do t[i] = {i} end local before = collectgarbage "count" t = nil collectgarbage() collectgarbage() print(collectgarbage "count" < before)
local w = setmetatable({}, {__mode = "v"}) w[1] = {} w.s = "string" w.n = 5 w.f = print collectgarbage() print(w.s, w.n, w.f == print)
