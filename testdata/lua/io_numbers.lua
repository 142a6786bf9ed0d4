-- read "*n" reads as C's scanf does.
local name = os.tmpname()
for i, s in ipairs{"12", " \t\n-3.5e2x", "0x1F z", "1e", "1e+x", "0xg", "- 5", "+.5", "1.2.3", "e5", "", "x", ".", "-.", "..5", "00x1", "1_0", "0x.8p1 ", "0X1P-2z", "+-5", "5 6 7", "1e5.5", "12345678901234567890", "1.", "0x", "-0", "inf", "-infinity!", "nan"} do
  local f = io.open(name, "w") f:write(s) f:close()
  f = io.open(name)
  local n = f:read("*n")
  print(i, n ~= n and "nan" or n, ("%q"):format(f:read("*a")))
  f:close()
end
local f = io.open(name, "w") f:write("1 2.5\n0x10 -7e1 rest of line\n8,9") f:close()
f = io.open(name) print(f:read("*n", "*n", "*n", "*n", "*l", "*n")) print(f:read("*n", "*l")) f:close()
os.remove(name)
