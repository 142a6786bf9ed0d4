-- Replacement strings, anchors, captures and frontier patterns.
print(("hello"):gsub("l", "%%")) print(("hello"):gsub("(h)(e)", "%2%1")) print(("abc"):gsub("%w", "%0%0")) print(("abc"):gsub("%w", "<%1>"))
print(("hello world"):gsub("^h", "H")) print(("hello"):gsub("o$", "O")) print(("a$b"):gsub("$", "%%")) print(("x^y"):gsub("x^", "z"))
print(("THE (quick) fox"):find "%((%a+)%)") print(("THE (quick) fox"):gsub("%f[%a]%a+", string.len)) print(("f(a(b)c)d"):match "%b()")
print(("key = value"):match "^(%w+)%s*=%s*(%w+)$") print(("  trim  "):match "^%s*(.-)%s*$" .. "|") print(("2024-01-15"):match "(%d+)-(%d+)-(%d+)")
print(("abc"):gsub("", "-")) print(("abc"):gsub(".", {a = 1, b = "B", c = false})) print(("abc"):gsub("%w", function(c) if c == "b" then return false end return c:upper() end))
print(("position"):match "()s()", ("a,b,,c"):gsub(",", "", 2)) print(("x"):rep(5):gsub("x", "y", 0)) print(("one;two;;four"):gsub(";;", ";nil;"))
for k, v in ("a=1, b=2, c=3"):gmatch "(%w+)=(%w+)" do io.write(k, v, " ") end print()
