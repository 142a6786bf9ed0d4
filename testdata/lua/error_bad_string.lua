-- Wrong arguments of the string functions.
local function e(name, ...) print(name, select(2, pcall(string[name], ...))) end
for _, name in ipairs {"byte", "char", "dump", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper"} do
  if name ~= "char" then e(name) end
  e(name, {})
  e(name, nil)
end
e("byte", "x", {})
e("byte", "x", 1, {})
e("char", 1, "x")
e("char", 256)
e("char", -1)
e("dump", print)
e("find", "x")
e("find", "x", {})
e("find", "x", "x", {})
e("gsub", "x", "x")
e("gsub", "x", "x", "x", {})
e("rep", "x", "x")
e("rep", "x", 1, {})
e("sub", "x", 1, {})
e("sub", "x", true)
