-- os.time, os.date, os.difftime, os.clock. The program is for the time zone UTC.
print(os.time{year = 2000, month = 1, day = 1, hour = 0}) print(os.time{year = 2000, month = 1, day = 1}) print(os.time{year = 1970, month = 1, day = 1, hour = 0}) print(os.time{year = 2024, month = 14, day = -3, hour = 25, min = 61, sec = 61}) print(os.time{year = "2001", month = "2", day = "3", hour = "4"}) print(os.time{year = 2000, month = 1, day = 1, hour = 12, isdst = false}) print(os.time{year = 1900, month = 1, day = 1}) print(os.time{year = 2000, month = 3, day = 0})
print(pcall(function() os.time{} end)) print(pcall(function() os.time{year = 2000} end)) print(pcall(function() os.time{year = 2000, month = "x", day = 1} end)) print(pcall(function() os.time{year = {}, month = 1, day = 1} end))
print(os.time(setmetatable({}, {__index = {year = 2000, month = 1, day = 1, hour = 1}})))
local t = os.date("!*t", 1e9) local k = {} for n, v in pairs(t) do k[#k + 1] = n .. "=" .. tostring(v) end table.sort(k) print(table.concat(k, " "))
for _, c in ipairs{"a", "A", "b", "B", "c", "C", "d", "D", "e", "F", "g", "G", "h", "H", "I", "j", "m", "M", "n", "p", "r", "R", "S", "t", "T", "u", "U", "V", "w", "W", "x", "X", "y", "Y", "z", "Z", "%", "Ec", "EC", "Ex", "EX", "Ey", "EY", "Od", "Oe", "OH", "OI", "Om", "OM", "OS", "Ou", "OU", "OV", "Ow", "OW", "Oy"} do io.write(c, "=", os.date("!%" .. c, 1e9), " ", os.date("!%" .. c, 0), "\n") end
for day = 0, 800, 40 do print(os.date("!%a %d %b %Y %j %U %W %V %G %g %u %w %e %y %C", day * 86400 * 7 + 1e8)) end
for hour = 0, 23 do io.write(os.date("!%I%p ", hour * 3600)) end print()
print(os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!plain"), os.date("!", 0), os.date("!%%", 0), os.date("!%d%m", 0), os.date("*t", 0).year, os.date("!*t", 86399).sec)
print(os.date("!%Y", -1), os.date("!%c", -86400 * 365 * 200), os.date("!%F", 253402300799), os.date("!%F", 1e11))
for _, bad in ipairs{"%", "%Q", "%E", "%Ea", "%O", "%Oc", "%-d", "%5d", "x%", "%k", "%s"} do print(pcall(function() return os.date(bad) end)) end
print(os.date("!*t", 1e18), os.date("!%c", 1e17), os.date("*tx", 0), pcall(function() return os.date({}) end))
print(os.difftime(10, 4), os.difftime(10), os.difftime(1.9, 0), pcall(function() os.difftime() end))
print(os.time() > 1.7e9, os.time() == math.floor(os.time()), type(os.clock()), os.clock() >= 0, #os.date() == 24, os.date("*t").isdst, os.time(os.date("*t", 12345)) == 12345)
print(os.setlocale(), os.setlocale("C"), os.setlocale(nil, "all"), os.setlocale("no_LOCALE"), os.setlocale("C", "numeric"), pcall(function() os.setlocale("C", "bad") end))
