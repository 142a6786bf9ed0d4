-- Captures of all kinds, alone and in one another.
local lpeg = require "lpeg"
local P, R, S, V, C, Cb, Cc, Cf, Cg, Cp, Cs, Ct, Cmt, Carg = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Cb, lpeg.Cc,
	lpeg.Cf, lpeg.Cg, lpeg.Cp, lpeg.Cs, lpeg.Ct, lpeg.Cmt, lpeg.Carg

local function show(v)
	if type(v) == "string" then return ("%q"):format(v) end
	if type(v) ~= "table" then return tostring(v) end
	local keys, out = {}, {}
	for k in pairs(v) do keys[#keys + 1] = k end
	table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
	for _, k in ipairs(keys) do out[#out + 1] = tostring(k) .. "=" .. show(v[k]) end
	return "{" .. table.concat(out, " ") .. "}"
end

local n = 0
local function out(...)
	n = n + 1
	local list = { ... }
	for i = 1, select("#", ...) do list[i] = show((select(i, ...))) end
	print(n, table.concat(list, ", "))
end

out(C "a":match "a")
out((C(P "a" ^ 0) * C(P "b" ^ 0)):match "aab")
out(C(C "a" * C "b"):match "ab")
out(C(Cp() * 1 * Cp()):match "x")
out((Cp() * P "a" ^ 1 * Cp()):match "aaa")
out(Cc():match "", Cc(nil):match "", Cc(1, nil, "x", nil):match "")
out(Ct(Cc(1, nil, "x", nil)):match "")
out((Carg(1) * Carg(3)):match("", 1, "a", "b", nil))
out((Cc(1) * "a" * Cc(2)):match "a")
out(Cg "abc":match "abc", Cg(C "a" * C "b"):match "ab", Cg(P "a", "name"):match "a")
out((Cg("a", "x") * Cb "x"):match "a", (Cg(C "a" * C "b", "x") * Cb "x" * Cb "x"):match "ab")
out((Cg("a", "x") * Cg("b", "x") * Cb "x"):match "ab")
out((Cg("a", "x") * C(Cg("b", "x") * Cb "x") * Cb "x"):match "ab")
out((Cg("a", "x") * Ct(Cg("b", "x")) * Cb "x"):match "ab")
out((Cg("a", true) * Cg("b", 12) * Cb(12) * Cb(true)):match "ab")
out(Ct(C "a" * Cg(C "b", "b") * C "c" * Cg("d", 10) * Cg(Cc(nil), "none")):match "abcd")
out(Ct(Ct "a" * Ct(C "b")):match "ab", Ct "":match "", Ct "a":match "a")
out(Ct(Cg(C "a" * C "b", "two")):match "ab")
out(Ct((C(1) * Cp()) ^ 0):match "abc")
out((P "a" / "x"):match "a", (P "a" / "%0%0%%"):match "a", (C "a" * C "b" / "%2%1%0"):match "ab")
out((C(C "a" * "b") * C "c" / "%1-%2-%3-%0"):match "abc", (Cc "k" * "a" / "%1"):match "a", (P "a" / "%x"):match "a")
out((Cs(P "a" / "b") * "c" / "[%1]"):match "ac", (Cc(12) / "%1"):match "")
out((C(1) * C(1) * C(1) / 2):match "abc", (C(1) / 0):match "a", (P "ab" / 1):match "ab")
out((P(1) / { a = 1 }):match "a", (P(1) / { a = 1 }):match "b", (P(1) / { a = false }):match "a")
out((C(1) * C(1) / setmetatable({}, { __index = function(_, k) return k .. "!" end })):match "ab")
out((P(1) ^ 0 / string.upper):match "abc", (C(1) * C(1) / function(...) return select("#", ...), ... end):match "ab")
out((P(1) / function() end):match "a", (P(1) / function() return nil, nil end):match "a")
out(Cs((P "a" / "x" + "b" + P "c" / { c = "CC" } + P "d" / string.upper + 1) ^ 0):match "abcde")
out(Cs(P "a" * (P "b" / "") * "c"):match "abc", Cs((P(1) / 0) ^ 0):match "abc", Cs(C(C "a" * "b")):match "ab")
out(Cs((R "09" / function(d) return d + 1 end + 1) ^ 0):match "a1b2")
out(Cs(Cc "x" * "a" * Cc "y"):match "a", Cs(Cs(P "a" / "b") * (P "c" / "%0%0")):match "ac")
out(Cs(Cg("a", "n") * Cb "n" * "b"):match "ab")
out(Cf(C "1" * C "2" * C "3", function(a, b) return a + b end):match "123")
out(Cf(C "1" * Cg(C "2" * C "3") * C "4", function(a, ...) return a .. "(" .. table.concat({ ... }, ",") .. ")" end):match "1234")
out(Cf(Ct "" * Cg(C(1) * Cc(1)) * Cg(C(1) * Cc(2)), rawset):match "ab")
out(Cf(C(1) * (P(1) / 0) * C(1), function(a, b) return tostring(a) .. tostring(b) end):match "abc")
out(Cf(Cc(1, 2, 3), print):match "")
out(Cmt("a", function(s, i, ...) return true, s, i, ... end):match "ab")
out(Cmt("a", function(s, i) return i end):match "ab", Cmt("a", function() return false end):match "ab", Cmt("a", function() end):match "ab")
out((Cmt("a", function(s, i) return #s + 1 end) * -1):match "abc")
out((Cmt(C "a" * Cc(2), function(s, i, a, b) return i, b, a, nil end) * "b"):match "ab")
out(Ct(Cmt(Cg("a", "k"), function(_, i, v) return i, v, "more" end)):match "a")
out(((Cmt("a", function(_, i) return i, "first" end) * "x") + C "ab"):match "ab")
out((P(function(_, i) return i + 1, "f" end) * Cp()):match "abc")
out(Cmt(Cmt("a", function(_, i, v) return i, v .. 1 end) * Cmt("b", function(_, i, v) return i, v .. 2 end), function(_, i, ...) return i, ... end):match "ab")
out((#C "a" * C "a"):match "a", (-C "b" * C "a"):match "a")
out((Cg(P "=" ^ 0, "open") * "[" * C((1 - Cmt("]" * C(P "=" ^ 0) * "]" * Cb "open", function(_, _, a, b) return a == b end)) ^ 0)):match "==[a]=]b]==]")
out(Cs((1 - P "." + P "." / "") ^ 0):match(("a."):rep(3)))
out((Cg(C "a" * Cc(nil, 3)) * Cc(4)):match "a", (Cg(P "a" * Cb "x", "y") + Cg(C "a", "x") * Cb "x"):match "a")
out(Ct(P { "a" * Cp() * V(1) + "b" * C "c" }):match "aabc")
out(C(P(true)):match "x", C(P(0)):match "", Ct(C(-P(1))):match "")
out(select("#", (P "a" / function() end * Cp()):match "a"), select("#", (C(1) ^ 0):match(("x"):rep(190))))
