-- Results of the mathematical functions at edges.
print(math.floor(-0.5) == 0 or math.floor(-0.5), math.ceil(1.000001), math.floor(1e100) == 1e100, math.abs(-3), math.abs(-1/0))
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(5.5, 2), math.modf(3.7)) print(math.modf(-3.25)) print(math.modf(5)) print(math.modf(1/0)) print(math.modf(-1/0))
print(math.max(1), math.max(1, 3, 2), math.min(5, -5), math.max(-1/0, 1/0), math.min(1, 1.5))
print(math.log(1), math.log(8, 2), math.log(100, 10), math.log(27, 3), math.log(0), math.log10(1000), math.exp(0))
print(math.pow(2, 10), math.sqrt(144), math.sqrt(2), math.frexp(8)) print(math.frexp(0)) print(math.ldexp(0.5, 4), math.ldexp(1, -2))
print(math.deg(math.pi), math.rad(180) == math.pi, math.sin(0), math.cos(0), math.atan2(1, 1) * 4 == math.pi, math.atan2(0, -1) == math.pi)
print(math.floor("3.9"), math.max("10", 9), pcall(math.max, "x", 1) == false)
