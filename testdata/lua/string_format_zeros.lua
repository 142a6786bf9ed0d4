-- %s takes a C string: shorter strings end at their first zero byte, long ones without a precision are kept whole
local f = string.format
local function show(s) print(#s, (s:gsub("%z", "\\0"))) end
show(f("%s\0is\0not\0%s", "one\0two", "three"))
show(f("%s", "\0")) show(f("%s|%s", "\0a", "b\0"))
show(f("%5s|", "a\0b")) show(f("%-5s|", "a\0b")) show(f("%.2s|", "a\0b")) show(f("%.9s|", "ab\0cd"))
for _, n in ipairs{97, 98, 99, 100, 200} do
  local s = ("x"):rep(n) .. "\0y"
  print(n, #f("%s", s), #f("%10s", s), #f("%.200s", s:sub(1, 60)), #f("%.20s", s), #f("%-99s", s))
end
show(f("%s", setmetatable({}, {__tostring = function() return "t\0s" end})))
show(f("%q", "a\0b\0001")) show(f("%c%c", 0, 65)) show(f("a\0b")) show(f("%%\0%d", 1))
show(tostring("a\0b")) show(("%s"):rep(3):format("a\0", "b\0", "c\0"))
