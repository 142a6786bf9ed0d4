-- What there is.
local function names(t) local r = {} for k, v in pairs(t) do r[#r + 1] = k .. ":" .. type(v) end table.sort(r) return table.concat(r, " ") end
local expected = {
  _G = "assert collectgarbage dofile error getmetatable ipairs load loadfile loadstring module next pairs pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type unpack xpcall",
  coroutine = "create resume running status wrap yield",
  debug = "debug gethook getinfo getlocal getmetatable getregistry getupvalue getuservalue sethook setlocal setmetatable setupvalue setuservalue traceback upvalueid upvaluejoin",
  io = "close flush input lines open output popen read tmpfile type write",
  os = "clock date difftime execute exit getenv remove rename setlocale time tmpname",
  package = "loadlib searchpath seeall",
  string = "byte char dump find format gmatch gsub len lower match rep reverse sub upper",
  table = "concat insert maxn pack remove sort unpack",
  math = "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ldexp log log10 max min modf pow rad random randomseed sin sinh sqrt tan tanh",
  bit32 = "arshift band bnot bor btest bxor extract lrotate lshift replace rrotate rshift",
}
for lib, functions in pairs(expected) do
  for f in functions:gmatch("%S+") do
    if type(_G[lib][f]) ~= "function" then print("missing", lib, f) end
  end
  if package.loaded[lib] ~= _G[lib] then print("not loaded", lib) end
end
print(_VERSION, _G._G == _G, unpack == table.unpack, package.loaders == package.searchers)
print(type(package.path), type(package.cpath), type(package.preload), #package.searchers, math.pi, math.huge)
print(package.config)
