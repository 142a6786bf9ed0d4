local function failure(...) return (select(2, pcall(...))) end
for _, name in ipairs { "abs", "acos", "asin", "atan", "ceil", "cos", "cosh", "deg", "exp", "floor", "frexp", "log", "log10", "modf", "rad", "sin", "sinh", "sqrt", "tan", "tanh" } do
  print(failure(math[name]))
  print(failure(math[name], "x"))
  print(failure(math[name], {}))
end
for _, name in ipairs { "atan2", "fmod", "ldexp", "pow" } do
  print(failure(math[name])) print(failure(math[name], 1)) print(failure(math[name], 1, "x")) print(failure(math[name], nil, 1))
end
print(failure(math.log, 1, "x")) print(failure(math.log, 1, {}))
print(pcall(function() return math.floor({}) end)) print(pcall(function() local f = math.floor return f() end))
print(pcall(function() return math.floor(nil) end)) print(pcall(function() return math.nothing(1) end))
