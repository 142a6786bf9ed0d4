-- Literals, escapes, long strings, comments.
print("tab\tquote\"back\\slash\65\066\x41\x7a\z
       joined", 'single "double"', "nul:" .. #"a\0b")
print("line\
break", #"\a\b\f\n\r\t\v\\\"\'", [[
first newline dropped]], [==[with ]] and ]=] inside]==], #[[

]])
print(--[[inline]] "after", --[==[ long
comment ]] still ]==] "comment") -- end
print(#"\255\0\1", ("\x00\xff"):byte(1, -1))
print(load('return "\\400"')) print(load('return "\\xZZ"')) print(load('return "unfinished')) print(load("return 'a\nb'")) print(load("return [[unfinished")) print(load("--[[unfinished")) print(load('return "\\q"')) print(load("return [=x")) print(load("x = 5 $ 6"))
print(load("x = }")) print(load("for")) print(load("if x then")) print(load("local function end")) print(load("return return")) print(load("f(")) print(load("a.1 = 2")) print(load("x = 'a' 'b'")) print(load("1 = x")) print(load("local 5")) print(load("x, y")) print(load("f() = 1")) print(load("a = {1, 2")) print(load("(f)")) print(load("x = function() end end")) print(load("while 1 do")) print(load("repeat x()")) print(load("return ... , function() return ... end")) print(load("for i = 1 do end")) print(load("for a, b = 1 do end")) print(load("goto = 1")) print(load("x = 3x")) print(load("x = 0xg")) print(load("x = 1..2")) print(load("x = ~1")) print(load("x = 1 ~= ")) print(load("\27Lua"))
print(type"x", #{...}, print == print, ("%s"):format"lit", (function(t) return t.x end){x = 5}, ("x"):rep(2))
local s = "a" .. 'b' .. [[c]] .. 1 .. 2.5 print(s, #s)
print(0xA, 0Xa, 0x.1, 0xA.8p0, 1e1, 1E+1, 1e-1, .5, 5., 3e0, 0x1p-1)
local a = {[1] = "x", "y"; "z", n = 1, ["key with space"] = 2, [3.5] = 4, f = function() return 1 end,} print(a[1], a[2], a.n, a["key with space"], a[3.5], a.f())
;;; local x = 1; ; print(x);
