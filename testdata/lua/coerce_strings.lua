-- Strings as numbers and numbers as strings.
print("10" + 1, "0x10" + 0, " 5 " * "2", "1e2" / 4, "3" ^ "2", "7" % "4", -"3", "1." + ".5")
print(10 .. "", 1.5 .. "|" .. -2, 0.1 .. "", (2^31) .. "")
print("10" == 10, "10" < "9", "a" < "b", "" < "a", "A" < "a", "a" < "aa", "Z" < "a")
print(pcall(function() return "10" < 9 end) == false)
for _, s in ipairs {"", " ", "x", "1x", "1 2", "0x", "1e", "--1", "- 1", "1_000", "1,5", "nan", "inf", "0b1", "１"} do
  io.write(tostring(tonumber(s)), " ", tostring((pcall(function() return s + 1 end))), ", ")
end print()
for _, s in ipairs {"1", " 1", "1 ", "\t1\n", "-1", "+1", "1.", ".1", "1e1", "1E+1", "1e-1", "0x1p4", "0xA.8", "0X.8", "-0x1", "1e400", "00012"} do
  io.write(tostring(tonumber(s)), " ")
end print()
local t = {} t["1"] = "string" t[1] = "number" print(t["1"], t[1], t[1.0])
print(("x"):rep("3"), ("abc"):sub("2"), math.floor("3.7"), string.format("%d", "42"), #tostring(12))
print(table.concat({1, "2", 3.5}), string.len(123), (123 .. ""):reverse())
