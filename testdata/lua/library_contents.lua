-- Every function of the manual is there.
local names = {
  string = "byte char dump find format gmatch gsub len lower match rep reverse sub upper",
  table = "concat insert maxn pack remove sort unpack",
  math = "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max min modf pi pow rad random randomseed sin sinh sqrt tan tanh",
  bit32 = "arshift band bnot bor btest bxor extract lrotate lshift replace rrotate rshift",
}
for library, list in pairs(names) do
  for name in list:gmatch("%S+") do
    local v = _G[library][name]
    if type(v) ~= "function" and type(v) ~= "number" then print("missing", library, name) end
  end
  assert(package.loaded[library] == _G[library] and require(library) == _G[library])
end
print(math.pi, math.huge, type(string), type(table.concat))
