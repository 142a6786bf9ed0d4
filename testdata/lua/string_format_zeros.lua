-- With a width or a precision %s takes a C string: it ends at the first zero byte; long ones without a precision are kept whole.
local f = string.format
local function show(s) print(#s, (s:gsub("%z", "\\0"))) end
show(f("%5s|", "a\0b")) show(f("%-5s|", "a\0b")) show(f("%.2s|", "a\0b")) show(f("%.9s|", "ab\0cd"))
for _, n in ipairs { 97, 98, 99, 100, 200 } do
	local s = ("x"):rep(n) .. "\0y"
	print(n, #f("%10s", s), #f("%.20s", s), #f("%-99s", s), #f("%.60s", s:sub(1, 60)))
end
show(f("%3s", setmetatable({}, { __tostring = function() return "t\0s" end })))
show(f("%q", "a\0b\0001")) show(f("%c%c", 0, 65)) show(f("a\0b")) show(f("%%\0%d", 1))
show(tostring("a\0b"))
