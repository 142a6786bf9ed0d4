-- assert passes its arguments on, or raises its message.
print(assert(1, 2, nil, false))
print(select("#", assert("x")))
print(pcall(function() assert(false) end))
print(pcall(function() assert(nil, "why") end))
print(pcall(function() assert(false, 42) end))
print(pcall(function() assert(false, nil) end))
print(pcall(function() assert() end))
print(pcall(assert, false, "through pcall"))
