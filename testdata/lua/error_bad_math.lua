-- Wrong arguments of the mathematical functions.
local function e(name, ...) print(name, select(2, pcall(math[name], ...))) end
local names = {"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "ldexp",
  "log", "log10", "max", "min", "modf", "pow", "rad", "randomseed", "sin", "sinh", "sqrt", "tan", "tanh"}
for _, name in ipairs(names) do
  e(name)
  e(name, "x")
  e(name, {})
end
for _, name in ipairs {"atan2", "fmod", "ldexp", "max", "min", "pow"} do
  e(name, 1, "x")
  e(name, 1, true)
end
e("log", 1, {})
e("random", 0)
e("random", 2, 1)
e("random", 1, 2, 3)
e("random", "x")
e("max", 1, 2, nil)
