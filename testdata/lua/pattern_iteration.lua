-- gmatch, classes of all bytes, errors inside callbacks
local function p(...) local t = table.pack(pcall(...)) for i = 1, t.n do t[i] = tostring(t[i]) if #t[i] > 300 then t[i] = #t[i] .. t[i]:sub(1, 50) end end print((table.concat(t, "\t"):gsub("[%c\128-\255]", function(c) return "\\" .. c:byte() end))) end
local gsub, find, match, gmatch = string.gsub, string.find, string.match, string.gmatch
p(gmatch, "x") p(gmatch) p(gmatch("abc", "b")) local it = gmatch("abc", ".") print(it(), it(), it(), it(), it()) p(gmatch("a", "(")) for w in gmatch("^abc", "^a") do print(w) end for w in gmatch("abc^a", "^a") do print("never", w) end for a, b in gmatch("k=v, x=y", "(%w+)=(%w+)") do print(a, b) end for p in gmatch("abc", "()") do io.write(p, " ") end print() for x in gmatch("aXbX", "(.-)X") do io.write("<", x, ">") end print()
-- classes against all bytes
for _, c in ipairs{"%a","%c","%d","%g","%l","%p","%s","%u","%w","%x","%z",".","%A","[%w_]","[^%s]","[a-f%d]","[\128-\255]","[^%c%p]"} do local n, s = 0, 0 for i = 0, 255 do if find(string.char(i), c) then n = n + 1 s = s + i end end print(c, n, s) end
print(("x"):rep(5):gsub("x", "%%")) print(gsub("a,b,,c", ",", ";")) print(gsub("äöü", "[ä]", "x"))
print(pcall(string.gsub, "alo", "(.", print)) print(pcall(string.gsub, "alo", ".)", print)) print(pcall(string.gsub, "alo", "(.", {})) print(pcall(string.gsub, "alo", "(%1)", "a")) print(pcall(string.gsub, "alo", "(%0)", "a"))
do local res = ("x"):rep(20):gsub("x", function(c) return c end) print(res) local a = string.rep('a', 10) print(pcall(a.gsub, a, "a", function(x) if x == "a" then error("in cb", 0) end end)) end
