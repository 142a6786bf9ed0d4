local t = {}
for i = 1, 10 do t[i] = i end
print(#t) t[10] = nil print(#t) t[#t + 1] = "x" print(#t, t[10])
for i = 10, 6, -1 do t[i] = nil end print(#t)
t = { 1, 2, 3, nil } print(#t) t = { n = 1 } print(#t) t = { nil } print(#t)
t = {} for i = 100, 1, -1 do t[i] = i end print(#t)
t = { [1] = 1, [2] = 2, [3] = 3 } print(#t) t[4] = 4 print(#t)
local q, h = {}, 1
for i = 1, 1000 do q[i] = i if i > 10 then q[h] = nil h = h + 1 end end
local n = 0 for _ in pairs(q) do n = n + 1 end print(n, h)
t = {} t[1.0] = "a" t[2] = "b" t["3"] = "c" print(#t, t[1], t["3"], t[3])
t = {} t[2 ^ 53] = "big" print(t[2 ^ 53], t[9007199254740992], #t)
t = {} t[-0.0] = "zero" print(t[0], t[-0.0], next(t) == 0)
print(pcall(function() local t = {} t[nil] = 1 end)) print(pcall(function() local t = {} t[0 / 0] = 1 end)) print(({})[nil], ({})[0 / 0])
print(rawlen { 1, 2 }, rawlen "abc")
