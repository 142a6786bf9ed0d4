-- luahost only
local f = string.format
print(f("%q %q %q", nil, true, false)) print(f("%q %q %q %q", 0, 1, -42, 2 ^ 53)) print(f("%q %q %q", 0.5, 0.1, -1.5)) print(f("%q %q", 1 / 0, -1 / 0)) print(f("%q", 0 / 0)) print(f("%q", 1e100))
for _, v in ipairs { 0, 1, -1, 0.1, 1 / 3, 1e300, 5e-324, 2 ^ 53, 2 ^ 63, 1 / 0, -1 / 0, true, false, "x\n\0y" } do
  assert(load("return " .. f("%q", v))() == v)
end
print(f("%s", "a\0b"):byte(1, -1)) print(f("%5s|", "a\0b"):byte(1, -1)) print(f("%.2s", "a\0b"):byte(1, -1))
