-- messages about indexing and calling what can't be: which variable it was
local function show(source)
  local f, e = load(source, "=x")
  if not f then print("syntax", e) return end
  print("run", (tostring(select(2, pcall(f))):gsub("0x%x+", "ADDRESS")))
end

for _, source in ipairs{
  "a = nil; a.x = 1",
  "a.b.c = 1",
  "local a; a.x = 1",
  "local a = {}; a.x.y = 1",
  "local a = {}; local function f() a.x.y = 1 end f()",
  "local a; local function f() return a.x end f()",
  "local a; local function f() a() end f()",
  "a = {}; a.b.c()",
  "a = {}; a:m()",
  "a = {} ; a.x()",
  "local a = {}; a.x:m()",
  "('x'):nope()",
  "local t = {}; t[1]()",
  "local t = {}; local i = 1; t[i]()",
  "local t = {}; t[1].x = 1",
  "local t = {}; local k = 'kk'; t[k].x = 1",
  "local t, k = {}, 'kk'; return t[k].x",
  "return a + 1",
} do
  show(source)
end
