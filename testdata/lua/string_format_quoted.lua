local f = string.format
print(f("%q", 'plain'), f("%q", 'with "quotes" and \\'), f("%q", ""))
print(f("%q", "line\nbreak"), f("%q", "\r\t\0"), f("%q", "\0001\0012\1279"), f("%q", "\127\200é"))
print(f("%q", "\r1"), f("%q", "\0"), f("%q", "\0a"), f("%q", "a\0"))
print(f("%5q|%-10q|", "x", "y"))
local s = {}
for i = 0, 255 do s[#s + 1] = string.char(i) .. (i % 3 == 0 and "1" or "") end
s = table.concat(s)
print(load("return " .. f("%q", s))() == s)
print(#f("%q", s))
print(f("%q %q", "a", "b"))
