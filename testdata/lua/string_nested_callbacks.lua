-- A pattern function inside the callback of another one, on the same and on other subjects.
print((("a1b2c3"):gsub("%a", function(a) return (("xyz"):gsub(".", function(b) return a .. b .. (("%d"):rep(2)):gsub("%%", "") end)) end)))
local words = {}
for w in ("one two three"):gmatch("%a+") do
  for c in w:gmatch("[aeiou]") do words[#words + 1] = w .. ":" .. c .. (w:find(c) or 0) .. (w:match(c .. "(.?)") or "") end
end
print(table.concat(words, " "))
local it1, it2 = ("abc"):gmatch("."), ("xyz"):gmatch(".")
print(it1(), it2(), it1(), it2(), it1(), it2(), it1(), it2())
local function depth(n) if n == 0 then return "." end return (("x"):gsub("x", function() return depth(n - 1) .. n end)) end
print(depth(20))
print(pcall(string.gsub, "abc", ".", function(c) if c == "c" then error("at c", 0) end return (c:gsub(".", c .. c)) end))
local co = coroutine.wrap(function() for w in ("a b c"):gmatch("%a") do coroutine.yield(w) end end)
print(co(), ("z"):gsub("z", "Z"), co(), co())
