for i = -8, 8 do
  local x = i * math.pi / 8
  print(("%.12f %.12f %.9g"):format(math.sin(x), math.cos(x), math.tan(x)))
end
for i = 1, 7 do local n = 10 ^ i print(math.sin(n), math.cos(n), math.tan(n), math.sin(n * math.pi)) end
for _, x in ipairs { -1, -0.5, -1e-8, 0, 0.1, 0.5, 0.9999999, 1 } do print(math.asin(x), math.acos(x), math.atan(x)) end
print(math.atan(1 / 0), math.atan(-1 / 0), math.atan(1e300), math.atan(1e-300))
for _, y in ipairs { 0, -0.0, 1, -1, 1 / 0, 3.5 } do
  print(math.atan2(y, 0), math.atan2(y, -0.0), math.atan2(y, 1), math.atan2(y, -1), math.atan2(y, 1 / 0), math.atan2(y, -1 / 0), math.atan2(y, 2.5))
end
for _, x in ipairs { 0, 1e-10, 0.1, 0.5, 1, 2, 10, 25, 700, -3 } do print(math.sinh(x), math.cosh(x), math.tanh(x)) end
print(math.sinh(800), math.cosh(-800), math.tanh(800), math.tanh(-800), math.sinh(1 / 0), math.cosh(-1 / 0))
print(math.deg(math.pi), math.rad(180), math.deg(1), math.rad(1), math.deg(0), math.rad(360), math.pi)
