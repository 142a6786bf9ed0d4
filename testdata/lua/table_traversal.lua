-- What may change while a table is walked.
local t = {} for i = 1, 100 do t[i] = i t["k" .. i] = i end
local seen = 0 for k, v in pairs(t) do seen = seen + 1 t[k] = nil end print(seen, next(t))
for i = 1, 100 do t[i] = i end seen = 0 for k, v in pairs(t) do t[k] = v * 2 seen = seen + 1 end print(seen, t[50])
seen = 0 for k in next, t do seen = seen + k end print(seen)
local k, n = nil, 0 repeat k = next(t, k) n = n + 1 until k == nil print(n)
for i, v in ipairs(t) do if i == 3 then t[4] = nil end n = i end print(n)
t = {1, 2, 3} for i, v in ipairs(t) do if i < 6 then t[#t + 1] = v end end print(#t)
print(next({}, nil), next({10}), (next({x = 1})), select("#", next({})))
print(pcall(next, {}, "x") == false, rawequal(next, (pairs {})))
local a, b, c = pairs(t) print(a == next, b == t, c) a, b, c = ipairs(t) print(type(a), b == t, c)
t = {a = 1} for k in pairs(t) do t[k] = nil collectgarbage() end print(next(t))
