-- Patterns of the module re.
local re = require "re"
local lpeg = require "lpeg"

local n = 0
local function out(...)
	n = n + 1
	print(n, ...)
end

out(re.find("hello world", "'o'", 6))
out(re.find("hello world", "{'o'} {}", 6))
out(re.find("hello world", "'z'"), re.find("hello", "&''", -3))
out(re.find("abc", "'b' / .", 2))
out(re.gsub("hello world", "[aeiou]", "."))
out(re.gsub("hello world", "{[aeiou]}", "<%1>"))
out(re.gsub("hello world", "[aeiou]", { e = "E" }))
out(re.gsub("hello world", "[aeiou]", string.upper))
out(re.match("aab", "'a'* 'b'"), re.match("aab", "'a'+"), re.match("aab", "'a'? {}"), re.match("aab", "'a'^2"), re.match("aab", "'a'^+3"), re.match("aab", "'a'^-1"))
out(re.match("ab", "!'b' . {}"), re.match("ab", "&'a' {.}"), re.match("ab", "!. / 'a' / 'b'"), re.match("", "!."))
out(re.match("x-]^a", "[]x^-]+"), re.match("abc1", "[a-c%d]+"), re.match("ABC", "[^a-z]+"), re.match("%", "[%]"), re.match("b-", "[a-c-]+"))
out(re.match(" \t\n", "%s+"), re.match("a1_", "%w+"), re.match("a1_", "%W"), re.match("\n", "%nl"), re.match("fF9g", "%x+ {%g}"))
out(re.match("   ", "{:i: ' '* :} =i"), re.match("xyxy", "{:i: .. :} =i {}"), re.match("xyxz", "{:i: .. :} =i {}"))
out(re.compile("A <- '(' A ')' / {}  -- c"):match "((()))")
out(re.compile("e <- {~ ({[a-z]+} -> up / .)* ~}", { up = string.upper }):match "ab1cd")
out(re.compile("({%d+} -> n) ~> id", { n = tonumber, id = function() end }):match "12")
out(re.compile("(%num (',' %num)*) ~> add", { num = lpeg.R "09" ^ 1 / tonumber, add = function(a, b) return a + b end }):match "1,2,30")
out(table.concat(re.match("a b cc", "{| {%w+} (' '+ {%w+})* |}"), ";"))
out(table.concat(re.match("a b cc", "({%w+} (' '+ {%w+})*) -> {}"), ";"))
out(re.match("a b", "{| {:first: %w :} ' ' {:second: . :} |}").second)
out(re.match("ab", "({.} {.}) -> 2"), re.match("ab", "({.} {.}) -> '%2%1'"), re.match("ab", "({.} {.}) -> 0"))
out(re.compile("{.} => twice", { twice = function(s, i, c) return i, c .. c end }):match "q")
out(re.compile [[
	list  <- space "[" {| (item ("," item)*)? |} "]" space
	item  <- space (list / {number}) space
	number <- [0-9]+      -- no sign
	space <- %s*
]]:match " [1, [2,3] ,4]"[2][2])
out(re.compile("<name> \n name <- 'x'" and "s <- <x> !. x <- 'a' x / 'b'"):match "aab")
out(re.compile("'a' -> t", { t = { a = "found" } }):match "a", re.compile("%x y" and "%two", { two = "22" }):match "22")
out(re.match("a.b", "(g <- 'a' h h <- '.') 'b'"), re.match("aa", "('a' / 'b')* {}"), re.match("--", "'--' -- comment\n"))
local compiled = re.compile "'x'"
out(re.compile(compiled) == compiled, re.match("x", compiled), re.find("ax", compiled))
re.updatelocale()
out(re.match("a", "%a"))
for _, bad in ipairs { "a <- 'x", "(", "a <- b", "[a", "'a' )", "%zz", "'a'^x", "x", "''*", "'a' -> zz", "a <- a", "{'a'", "{| 'a'", "&", "=", "" } do
	out(bad, (pcall(re.compile, bad)))
end
