-- os.time normalises its fields; differences do not depend on the time zone at noon.
local function day(y, m, d) return os.time {year = y, month = m, day = d} end
local function show(t) local d = os.date("*t", t) print(d.year, d.month, d.day, d.hour, d.min, d.sec) end
show(day(2000, 1, 1)) show(day(2000, 13, 1)) show(day(2000, 0, 1)) show(day(2000, 1, 0)) show(day(2000, 3, 0)) show(day(2001, 3, 0)) show(day(2000, 2, 30)) show(day(2000, 1, 366)) show(day(2000, -11, 1))
show(os.time {year = 2010, month = 6, day = 15, hour = 25}) show(os.time {year = 2010, month = 6, day = 15, hour = 12, min = 61, sec = 61}) show(os.time {year = 2010, month = 6, day = 15, hour = 12, min = -1}) show(os.time {year = 2010, month = 6, day = 15, sec = -1})
print(day(2000, 1, 2) - day(2000, 1, 1), day(2001, 1, 1) - day(2000, 1, 1), os.difftime(day(2000, 1, 2), day(2000, 1, 1)), os.difftime(5, 7))
print(os.time {year = "2000", month = "1", day = "1"} == day(2000, 1, 1), pcall(os.time, {year = 2000, month = 1}))
local t = {year = 2000, month = 14, day = 40} os.time(t) print(t.month, t.day) print(type(os.time()), os.time() >= 1e9, os.clock() >= 0)
