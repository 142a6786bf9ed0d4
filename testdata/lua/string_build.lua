-- Strings built in large numbers.
local t = {} for i = 1, 3000 do t[#t + 1] = ("%03d"):format(i % 1000) end local s = table.concat(t) print(#s, s:sub(1, 9), s:sub(-9))
local count = {} for c in s:gmatch "." do count[c] = (count[c] or 0) + 1 end for d = 0, 9 do io.write(count[tostring(d)], " ") end print()
local same = {} for i = 1, 1000 do same[("k"):rep(i % 50)] = i end local n = 0 for _ in pairs(same) do n = n + 1 end print(n)
local long = ("a"):rep(100) .. "b" .. ("c"):rep(100) print(long:find("b", 1, true), long:match "a*(b)c*", #long:gsub("[ac]", ""), long == ("a"):rep(100) .. "b" .. ("c"):rep(100))
local k = {} k[long] = 1 print(k[("a"):rep(100) .. "b" .. ("c"):rep(100)], k[long .. ""])
local r = {} for w in ("the quick brown fox"):gmatch "%a+" do r[#r + 1] = w:reverse():upper() end print(table.concat(r, " "))
local out = "" for i = 1, 26 do out = string.char(96 + i) .. out .. string.char(64 + i) end print(out)
print((("x,y,,z"):gsub(",", ";")), (("abc"):gsub("", "-")), (("hello world"):gsub("o", "0", 1)), ("a.b.c"):gsub("%.", "%%"))
