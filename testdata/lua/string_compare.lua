print("a" < "b", "a" < "B", "Z" < "a", "" < "a", "a" < "aa", "a\0" < "a", "a" < "a\0", "a\0b" < "a\0c", "\255" > "a")
print("10" < "9", "a" <= "a", "b" >= "c", "é" > "z")
print("a" == "a", "a\0" == "a", ("a"):rep(100) == ("a"):rep(100), "1" == 1)
print(pcall(function() return "a" < 1 end))
print(pcall(function() return 1 < "a" end))
print(pcall(function() return "a" < {} end))
print(pcall(function() return "a" <= nil end))
local words = { "pear", "apple", "fig", "Apple", "apple pie", "", "app", "\0", "\0\0" }
table.sort(words)
for i, w in ipairs(words) do words[i] = ("%q"):format(w) end
print(table.concat(words, " "))
