print(#(("a"):rep(10000)):match("^a*$"), #(("a"):rep(10000)):match(".-$"), (("a"):rep(10000) .. "b"):find("b"), (("ab"):rep(5000)):find("ba", 5000))
print((("x"):rep(1000)):find(("x?"):rep(50) .. ("x"):rep(50)))
print((("("):rep(100) .. (")"):rep(100)):match("^%b()$") ~= nil)
print(pcall(string.find, ("x"):rep(300), ("x?"):rep(300)))
print(pcall(string.rep, "x", 10) , #("%w+ "):rep(20), (("word "):rep(20)):match(("%w+ "):rep(20)) == ("word "):rep(20))
local t = {} for i = 1, 32 do t[i] = "(.)" end
print((select("#", (("abcdefgh"):rep(4)):match(table.concat(t)))))
