-- rep, sub, byte and find at the limits.
print(("x"):rep(0), ("x"):rep(-5), (""):rep(1000), #("ab"):rep(1000), ("ab"):rep(3, ","), ("x"):rep(1, ","), ("x"):rep(0, ","), (""):rep(3, "-"))
local s = "hello" print(s:sub(0), s:sub(-100), s:sub(2, -2), s:sub(4, 2), s:sub(-3, -2), s:sub(6), s:sub(5, 100), s:sub(1e9), s:sub(-1e9, 1e9), s:sub(2, 2), s:sub(-1))
print(s:byte(), s:byte(0), s:byte(-1), s:byte(10), s:byte(1, -1)) print(select("#", s:byte(3, 2)), select("#", (""):byte()))
print(s:find "", s:find("", 3), s:find("", 6), s:find("", 7), s:find("l", -2), s:find("l", -100), s:find("o", 5), s:find("o", 6)) print((""):find "", (""):find("x"), (""):find("", 2), (""):match ".-", (""):gsub("", "x"))
local b = ("x"):rep(1e6) print(#b, #(b .. b), b:sub(-1), #b:upper(), b:find("y"), #b:gsub("x", "yy"), b == ("x"):rep(1e6), b < b .. "a")
print(("x"):rep(2.9), pcall(string.rep, "x", 0/0) ~= nil) local parts = {} for i = 1, 20000 do parts[i] = i end print(#table.concat(parts), #table.concat(parts, ", "))
local acc = "" for i = 1, 2000 do acc = acc .. i % 10 end print(#acc, acc:sub(-5)) print(("%5s|%-5s|%.2s|%5.1s|"):format("abc", "abc", "abc", "abc"), ("%c%c"):format(0, 65) == "\0A")
