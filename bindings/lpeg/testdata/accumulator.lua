-- luahost only: what LPeg 1.1 has and 1.0 hasn't
local lpeg = require "lpeg"
local P, R, C, Cc, Cg, Ct = lpeg.P, lpeg.R, lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Ct

print(lpeg.version)
local function add(a, b) return a + b end
local number = R "09" ^ 1 / tonumber
print((number * ("," * number % add) ^ 0):match "10,20,30")
local record = Cg(Ct "" * (Cg(C(R "az" ^ 1) * "=" * C(R "az" ^ 1) * P ";" ^ -1) % rawset) ^ 0)
local t = record:match "a=b;c=d"
print(t.a, t.c)
print(pcall(function() return ("" * (C "a" % add)):match "a" end))
print(pcall(function() return Ct(C "a" % add):match "a" end))
print(pcall(function() return P "a" % 1 end))
print((Cc "x" * (P "a" % function(x, y) return x .. y, "dropped" end) * C "b"):match "ab")
print((Cc "x" * (P "a" % function() end)):match "a")

print(lpeg.utfR(0x400, 0x4ff):match "Я", lpeg.utfR(0x400, 0x4ff):match "z", (lpeg.utfR(0, 0x10ffff) ^ 0):match "aя€😀\255")
print(lpeg.utfR(97, 122):match "m", lpeg.utfR(0x20ac, 0x20ac):match "€", lpeg.utfR(0, 0x10ffff):match "\xc0\x80", lpeg.utfR(0, 0x10ffff):match "\xe2\x82")
print(pcall(lpeg.utfR, 2, 1))
print(pcall(lpeg.utfR, 1, 0x110000))
print(lpeg.B(lpeg.utfR(0x20ac, 0x20ac)):match("€", 4), pcall(lpeg.B, lpeg.utfR(1, 0x20ac)))

-- captures nest deeper than C LPeg lets them
lpeg.setmaxstack(100000)
local nested = P { Ct("a" * lpeg.V(1) * "b" + "") }
print(type(nested:match(("a"):rep(5000) .. ("b"):rep(5000))))
print(pcall(nested.match, nested, ("a"):rep(20000) .. ("b"):rep(20000)))
local text = P { lpeg.Cs("a" * lpeg.V(1) * "b" + "") }
print(#text:match(("a"):rep(5000) .. ("b"):rep(5000)))
print(pcall(text.match, text, ("a"):rep(20000) .. ("b"):rep(20000)))
-- and a callback can't yield
print(coroutine.wrap(function() return pcall(lpeg.match, lpeg.Cmt(1, coroutine.yield), "a") end)())

-- C LPeg has a bound for rules
local chain = {}
for i = 1, 3000 do chain[i] = lpeg.V(i + 1) * "y" + "q" end
chain[3001] = P "z"
print(P(chain):match("z" .. ("y"):rep(3000)))
