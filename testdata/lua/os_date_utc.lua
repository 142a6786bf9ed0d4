-- os.date of fixed times in UTC.
for _, t in ipairs {0, 1, 86399, 86400, 951782400, 951868800, 1e9, 1234567890, 1609459199, 1609459200, 2147483647, 4102444800} do print(t, os.date("!%Y-%m-%d %H:%M:%S %j %w %y", t)) end
local d = os.date("!*t", 951782400) print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
d = os.date("!*t", 1e9) print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
print(os.date("!%a %A %b %B %p %I", 0)) print(os.date("!%c|%x|%X", 0)) print(os.date("!%%|%d%d|text|%m", 0)) print(os.date("!", 0) == "", os.date("!%%", 0))
print(os.date("!%H", 3600 * 13), os.date("!%I %p", 3600 * 13), os.date("!%M", 90), os.date("!%S", 61))
print(pcall(os.date, "!%", 0) == false, pcall(os.date, "!%q", 0) == false, os.date("!*t", 0).year, type(os.date()), type(os.date("*t")))
print(os.date("!%Y", -1), os.date("!%H:%M:%S", -1), os.date("!%d", "86400"))
for m = 0, 11 do io.write(os.date("!%b ", m * 31 * 86400)) end print()
