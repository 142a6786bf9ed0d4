-- Comments in all forms.
print(1) -- to the end of the line
--[[ one line ]] print(2)
--[[ several
lines ]] print(3)
--[==[ with ]] and ]=] inside ]==] print(4)
---[[ not a block comment
print(5)
--]]
--[ also not a block
print(6)
--[=x not a block either
print(7) --
--
print( --[[ inside ]] 8 --[[ an ]] , --[=[ expression ]=] 9)
local --[[x]] a --[[y]] = --[[z]] 10 print(a)
print(load("-- only a comment")()) print(load("--[[]]return 1")()) print(load("return 1--")()) print(load("return 2 --[[ ]]")())
print(load("#!shebang is not for load\nreturn 1", "=c"))
print(2--[[]]-1, 5 - -1)
print(load("--[==[\n]]\n]==]\nreturn debug.getinfo(1, 'l').currentline")())
