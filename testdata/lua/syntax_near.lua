-- The text that a message quotes, and the line it names.
local function e(text, name) print(select(2, load(text, name or "=s"))) end
e "x = }"
e "\n\nx = }"
e "x =\n\n\n}"
e "x = 'a long string literal' 'another string literal'"
e "x = [[a long\nstring]] [[and\nanother]]"
e "x = 123 456"
e "x = 0xff ff"
e "x = nil nil"
e "x = y.z.w w"
e "x = ... ..."
e "x = a .. .."
e "x = a == == b"
e "x = a <= >= b"
e "x = a ~= ~= b"
e "x = :: y"
e "for x in\ny\nz do end"
e "f(\n1,\n2\n"
e "x = {\n1,\n2\n"
e "function f(\n"
e "if x then\n\n\ny\nend"
e("x = }", "@file.lua")
e("x = }", "@a/b/c.lua")
e("x = }", "=(load)")
e("x = }", "x = }")
e("x = }\nsecond line", "x = }\nsecond line")
e("x = }", "")
e("x = }", "=")
e("x = }", "@")
e("x = }", ("long "):rep(30))
e("x = }", "@" .. ("long/"):rep(30))
e("x = }", "=" .. ("long "):rep(30))
