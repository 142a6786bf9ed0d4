-- Patterns without captures: operators, coercions, positions, grammars.
local lpeg = require "lpeg"
local P, R, S, V, B = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.B

local n = 0
local function out(...)
	n = n + 1
	print(n, ...)
end

out(lpeg.match("abc", "abcd"), lpeg.match(3, "abcd"), lpeg.match(-3, "ab"), lpeg.match(-3, "abc"), lpeg.match(true, "a"), lpeg.match(false, "a"))
out(lpeg.match({ P "a" }, "a"), lpeg.match(function(s, i) return i + 1 end, "ab"), lpeg.match("", ""), lpeg.match(0, ""))
out(lpeg.match("b", "abc", 2), lpeg.match("b", "abc", -2), lpeg.match("c", "abc", -1), lpeg.match("", "abc", 0), lpeg.match("", "abc", 9), lpeg.match("", "abc", -9))
out(lpeg.match("1", 12), lpeg.match(P "1" * P "2", 12), P "a" == P "a", lpeg.type(P "a"), lpeg.type "a", lpeg.type(io.stdout))
out((P "a" + "b"):match "b", ("a" + P "b"):match "a", ("a" * P "b"):match "ab", (P(1) - "a"):match "a", ("a" - P "b"):match "a", (P "ab" - "a"):match "ab")
out((P "a" ^ 0):match "aaab", (P "a" ^ 2):match "a", (P "a" ^ 2):match "aaa", (P "a" ^ -2):match "aaa", (P "a" ^ -1):match "", (P "ab" ^ -3):match "abab")
out((#P "a"):match "a", (#P "a" * "ab"):match "ab", (-P "a"):match "a", (-P "a"):match "b", (- -P "a"):match "a", (-P "a" * 1):match "")
out((R "az" ^ 1):match "abcXYZ", (R("az", "AZ") ^ 1):match "abcXYZ", R():match "a", S "":match "a", S "abc":match "c", (S "ab" + S "cd"):match "d")
out((R "\0\255" ^ 0):match "\0\1\254\255", (S "\0" ^ 0):match "\0\0a", P "\0":match "\0", (1 - S "\0a"):match "\0", R "za":match "m")
out((P(1) * B "a"):match "a", (B "a" * 1):match("ab", 2), (B "a" * 1):match "ab", (P(2) * B(P "a" * 1)):match "ab", (P(1) * -B "a"):match "a", B(""):match "")
out((P "a" * B(R "az" + S "!" ) * "b"):match "ab", (P(3) * B "bc" * -1):match "abc")
out(P { "a" * V(1) * "b" + "" }:match "aabbc", P { "x", x = "(" * V "y" ^ 0 * ")", y = V "x" + 1 - P ")" }:match "(a(b)c)d")
out(P { "E", E = V "T" * ("+" * V "T") ^ 0, T = V "F" * ("*" * V "F") ^ 0, F = R "09" ^ 1 + "(" * V "E" * ")" }:match "1+2*(3+4)*5+")
out(P { V "b", b = P { "c", c = P "x" * V "c" + "y" } * "z" }:match "xxyz", P { P "a" * V(2) * V(3), P "b", P "c" }:match "abc")
out(P { "S", S = "a" * V "S" + V "A" * "c", A = "b" * V "A" + "" }:match "aabbc")
out((P "abc" + "abd" + "ab"):match "abd", (P "abc" + "abd" + "ab"):match "abx", (P "a" + "ab"):match "ab", ((P "a" + "ab") * "c"):match "abc")
out((P "a" ^ -1 * "a"):match "a", (P "a" ^ 0 * "a"):match "aaa", ((P "a" + "b") ^ 0 * "b"):match "aab", ((1 - P "b") ^ 0 * "b"):match "aab")
out(((P "ab" + "c") ^ 0 * P "a"):match "abcaba", (P "ab" ^ 0 * "ac"):match "ababac", (("a" * P "b" ^ -1) ^ 0 * -1):match "abaab")
out((P "a" * (P "b" * P "c" + "d") ^ 0 * "bd"):match "abcdbd", ((#P "a" * 1 + "b") ^ 0 * -1):match "abab", ((-P "x" * 1) ^ 0):match "abxc")
out(((P "a" + true) * "b"):match "b", ((P "a" + true) * "b"):match "ab", (P(true) + "a"):match "a", (P(false) + "a"):match "a", (P "a" * false + "a"):match "a")
out((P(5) + P(2)):match "abc", (P(2) - P(3)):match "ab", (P(2) - P(3)):match "abc", (P(-1) + "a"):match "", (-P(1)):match "")
out(#lpeg.locale() == 0, lpeg.locale { x = 1 }.x, (lpeg.locale().alpha ^ 0):match "abZ9")
for _, name in ipairs { "alnum", "alpha", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit" } do
	local sum, class = 0, lpeg.locale()[name]
	for c = 0, 255 do
		if class:match(string.char(c)) then sum = sum + c * c + 1 end
	end
	out(name, sum)
end
local any = P { 1 * V(1) + -1 }
lpeg.setmaxstack(3)
out(any:match(("x"):rep(10000)))
lpeg.setmaxstack(10000)
out(P { "a" * V(1) * "b" + "c" }:match(("a"):rep(4000) .. "c" .. ("b"):rep(4000)))
local words = P(false)
for i = 1, 1000 do words = words + ("w" .. i .. ".") end
out(words:match "w1000.", words:match "w7.", words:match "w1001.", ((words + 1) ^ 0):match(("w12.x"):rep(1000)))
