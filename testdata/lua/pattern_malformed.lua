-- patterns of all kinds, malformed ones too, with find, gsub, match and gmatch
local function p(...) local t = table.pack(pcall(...)) for i = 1, t.n do t[i] = tostring(t[i]) if #t[i] > 300 then t[i] = #t[i] .. t[i]:sub(1, 50) end end print((table.concat(t, "\t"):gsub("[%c\128-\255]", function(c) return "\\" .. c:byte() end))) end
local gsub, find, match, gmatch = string.gsub, string.find, string.match, string.gmatch
for _, pat in ipairs{"%", "[", "[a", "[^", "[]", "[^]", "[]]", "[^]]", "[a-]", "[a-%", "[%", "[%a", "(", ")", "()", "(()", "(a", "a)", "%1", "(%1)", "%0", "(a)%2", "%b", "%bx", "%bxy", "%f", "%f[", "%f[a", "%f[%z]", "%fa", "*", "+", "-", "?", "^", "$", "^$", "$^", "^^", "a**", "a+-", "%%", "[%]]", "[a%]", "[-a]", "[a-z-9]", "[z-a]", "(.)%1", "%g", "%y", "[%y]", "[a-\255]", "[\0-\31]", "\0", "a\0", "[^\0]", "%z", "(((((((((((((((((((((((((((((((((", ("()"):rep(32), ("()"):rep(33), ("(a"):rep(3), "[[:alpha:]]", "[%a-z]", "[a-%z]", "x*$", "^x*", ".-$", "a-b", "%d+%.?%d*", "%S", "%W", "%L", "%U", "%P", "%X", "%C", "%G", "%A", "%D", "%x+"} do
  p(find, "a\0bx)]%1zz", pat) p(gsub, "xa)]", pat, "<%0>") p(match, "", pat)
  p(function() local r = {} for a, b in gmatch("ab]1", pat) do r[#r+1] = tostring(a) if #r > 20 then break end end return table.concat(r, ",") end)
end
