-- Weak tables and finalizers, as far as a program can rely on them.
local weak = setmetatable({}, {__mode = "k"})
local key = {} weak[key] = "kept" weak[{}] = "gone" weak["string"] = 1 weak[1] = 2
collectgarbage() collectgarbage()
local n = 0 for k, v in pairs(weak) do n = n + 1 end print(n, weak[key], weak.string, weak[1])
local wv = setmetatable({}, {__mode = "v"}) local held = {} wv.a = held wv.b = {} wv.c = "text" wv.d = 5 collectgarbage() collectgarbage() print(wv.a == held, wv.b, wv.c, wv.d)
local both = setmetatable({}, {__mode = "kv"}) both[held] = key both[{}] = 1 both[2] = {} collectgarbage() collectgarbage() print(both[held] == key, both[2])
local log = {} do local x = setmetatable({}, {__gc = function() log[#log + 1] = "collected" end}) x = nil end
for i = 1, 10 do collectgarbage() if #log > 0 then break end end print(log[1])
