-- luahost only
for p, c in utf8.codes("aé€😀\0") do io.write(p, ":", c, " ") end print()
for p, c in utf8.codes("") do print("never") end
local function failure(...) return (select(2, pcall(...))) end
print(failure(utf8.codes)) print(failure(utf8.codes, {}))
print(pcall(function() for p, c in utf8.codes("ab\xff") do io.write(p, " ") end end)) print(pcall(function() for p, c in utf8.codes("\x80") do io.write(p, " ") end end)) print(pcall(function() for p, c in utf8.codes("é\x80") do io.write(p, " ") end end))
local f, s, i = utf8.codes("xy") print(type(f), s, i) print(f(s, 0)) print(f(s, 1)) print(select("#", f(s, 2)))
