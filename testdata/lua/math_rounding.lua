local nan = 0 / 0
for _, x in ipairs { 0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, 3, -3, -1e100, 1 / 0, -1 / 0, 123456.789 } do
  print(x, math.floor(x), math.ceil(x), math.abs(x), math.modf(x))
end
print(math.floor("3.7"), math.ceil("3.2"), math.abs("-3"), math.floor("0x10"), math.floor(" 5.5 "))
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-7, -3), math.fmod(5.5, 2), math.fmod(1e100, 7), math.fmod(5, 1 / 0), math.fmod(0, 5), math.fmod(-0.0, 5))
print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, -5.5 % 2, 5 % 0.3, 1e15 % 7)
print(math.fmod(6, -2), math.fmod(-6, 2), math.modf(3.7), (math.modf(-3.7)))
print(math.floor(-3.5), math.ceil(-3.5), math.floor(2 ^ 52 + 0.5) == 2 ^ 52, math.floor(1e300) == 1e300)
