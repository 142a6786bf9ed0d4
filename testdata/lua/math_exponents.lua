for _, x in ipairs { 1, 2, 0.5, 10, 100, 1000, 1e-5, 3, 1e300, 5e-324 } do
  print(x, math.log(x), math.log(x, 2), math.log(x, 10), math.log10(x), math.sqrt(x))
end
print(math.exp(0), math.exp(1), math.exp(-1), math.exp(700), math.exp(710), math.exp(-750), math.exp(1 / 0), math.exp(-1 / 0))
print(math.log(0), math.log(1 / 0), math.log(8, 2), math.log(1, 5), math.log(81, 3), math.log(2, 1 / 0), math.log("100", "10"))
for i = -20, 20 do assert(math.log10(tonumber("1e" .. i)) == i) end
print(math.pow(2, 10), math.pow(2, 0.5), math.pow(-2, 3), math.pow(0, 0), math.pow(2, -1), 2 ^ 0.5, (-8) ^ 3, 10 ^ -2, 0 ^ -1)
local function pow(x, y) return x ^ y end
print(pow(1.0000001, 1e7), pow(1.5, 100), pow(3, 40), pow(7, -30), pow(1e-310, 0.25), pow(2, 1023), pow(2, 1024), pow(2, -1074), pow(2, -1075))
print(math.frexp(8), math.frexp(-0.1), math.frexp(0), (math.frexp(1 / 0)), math.frexp(5e-324))
print(math.ldexp(0.5, 4), math.ldexp(1, -1), math.ldexp(1, 2000), math.ldexp(-1, 2000), math.ldexp(1, -2000), math.ldexp(3, "2"), math.ldexp(1, 2.9))
print(math.sqrt(2), math.sqrt(0), math.sqrt(1 / 0), math.sqrt(16), math.sqrt("9"))
