-- messages about calls, loops and metamethods that are no functions
local function show(source)
  local f, e = load(source, "=x")
  if not f then print("syntax", e) return end
  print("run", (tostring(select(2, pcall(f))):gsub("0x%x+", "ADDRESS")))
end

for _, source in ipairs{
  "local a a()",
  "return (1)()",
  "return ('x')()",
  "return ({})()",
  "return (nil)()",
  "return a.b.c.d",
  "local a = 1 return a.b.c",
  "return (1).x.y",
  "return _ENV.q.r",
  "local _ENV = {} return a.b",
  "local _ENV = nil return a",
  "local _ENV = 1; a = 2",
  "local _ENV <const> = 1",
  "for i = 1, a do end",
  "for i = {}, 1 do end",
  "for i = 1, 2, 'x' do end",
  "for k in a do end",
  "for k in a.b do end",
  "for k in 5 do end",
  "for k, v in pairs(a) do end",
  "for k, v in ipairs() do end",
  "for k, v in next, a do end",
  "local t = setmetatable({}, {__index = 5}) return t.x.y",
  "local t = setmetatable({}, {__newindex = 5}) t.x = 1",
  "local t = setmetatable({}, {__call = 5}) t()",
  "local t = setmetatable({}, {__add = 5}) return t + 1",
  "local t = setmetatable({}, {__concat = 5}) return t .. 1",
  "local t = setmetatable({}, {__lt = 5}) return t < t",
  "local t = setmetatable({}, {__eq = 5}) return t == setmetatable({}, getmetatable(t))",
  "local t = setmetatable({}, {__len = 5}) return #t",
  "local t = setmetatable({}, {__unm = 5}) return -t",
  "local a,b,c = {} ; a.x = b.x",
  "local a = {} ; a[nil] = 1",
  "local a = {} ; a[0/0] = 1",
  "local t = {} t.x.y.z = 1",
} do
  show(source)
end
