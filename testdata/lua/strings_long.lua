-- Long brackets.
print([[simple]], [=[with ]] inside]=], [==[with ]=] inside]==], #[[]], #[=[]=])
print([[
first newline is dropped]], [[

second is not]])
print(#[[

]], #[[a
b]], [[no \n escapes \x41]], [[ 'quotes' "too" ]])
print([[a]] .. [=[b]=], ([[x]]):rep(3))
print(string.byte([[]]))
local s = [[
one
two
]]
print(#s, select(2, s:gsub("\n", "\n")))
print(load("return [[a\r\nb]]")() == "a\nb", load("return [[a\n\rb]]")() == "a\nb", load("return [[a\rb]]")() == "a\nb", load("return [[\r\na]]")())
print(load("return '\\\r\n'")() == "\n", load("return [==[\n\n]==]")() == "\n")
print(({[ [[k]] ]=1}).k)
