-- __newindex: functions, tables, chains.
local log = {}
local t = setmetatable({old = 1}, {__newindex = function(t, k, v) log[#log + 1] = tostring(k) .. "=" .. tostring(v) rawset(t, k, v) end})
t.old = 2 t.new = 3 t.new = 4 t[1] = "a" t[1] = "b" t.nothing = nil
print(table.concat(log, " "), t.old, t.new, t[1])
local store = {}
local proxy = setmetatable({}, {__newindex = store, __index = store})
proxy.x = 1 proxy.y = 2
print(rawget(proxy, "x"), store.x, proxy.y)
local last = {}
local middle = setmetatable({}, {__newindex = last})
local first = setmetatable({}, {__newindex = middle})
first.k = "v" print(first.k, middle.k, last.k)
rawset(first, "k", "raw") first.k = "again" print(first.k, last.k)
local readonly = setmetatable({}, {__newindex = function(t, k) error("no field " .. k, 2) end})
print(pcall(function() readonly.z = 1 end))
print(pcall(rawset, readonly, "z", 1) and readonly.z)
t, log = setmetatable({}, {__newindex = function(t, k, v) log[#log + 1] = k end}), {}
t.a, t.b, t.c = 1, 2, 3
table.sort(log) print(table.concat(log))
table.insert(t, "x") print(rawget(t, 1), #t)
