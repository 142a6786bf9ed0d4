-- how deep syntax may nest, how many variables and values may be: at the limit and beyond
local function m(name, src) local f, e = load(src, "=x") print(name, f and "ok" or e:sub(1, 300)) if f then print(name, pcall(f)) end end
local function rep(f, n, sep) local t = {} for i = 1, n do t[i] = f(i) end return table.concat(t, sep or " ") end
for _, n in ipairs{199, 200, 201} do m("locals " .. n, rep(function(i) return "local a" .. i .. " = " .. i end, n)) end
m("locals one", "local " .. rep(function(i) return "a" .. i end, 201, ","))
for _, n in ipairs{254, 255, 256} do
  local src = ""
  for k = 0, 1 do src = src .. "local " .. rep(function(i) return "u" .. k * 130 + i end, 130, ",") .. (k == 0 and " local function g() " or "") end
  m("upvals " .. n, src .. " local function f() return " .. rep(function(i) return "u" .. i end, n, "+") .. " end end")
end
for _, n in ipairs{60, 61} do m("upv main" .. n, rep(function(i) return "local a" .. i end, 150) .. " local function f() " .. rep(function(i) return "local b" .. i end, 150) .. " local function g() " .. rep(function(i) return "a" .. i .. " = 1" end, 150) .. rep(function(i) return " b" .. i .. " = 1 " end, n + 50) .. " end end") end
for _, n in ipairs{100, 190, 195, 198, 199, 200, 201, 250} do
  m("paren " .. n, "return " .. ("("):rep(n) .. "1" .. (")"):rep(n))
  m("table " .. n, "return #" .. ("{"):rep(n) .. ("}"):rep(n))
  m("do " .. n, ("do "):rep(n) .. ("end "):rep(n))
  m("func " .. n, ("local function f() "):rep(n) .. ("end "):rep(n))
  m("concat " .. n, "return #(" .. ("'a' .. "):rep(n) .. "'a')")
  m("pow " .. n, "return 1" .. (" ^ 1"):rep(n))
  m("not " .. n, "return " .. ("not "):rep(n) .. "1")
  m("minus " .. n, "return " .. ("- "):rep(n) .. "1")
  m("call " .. n, "local f = function() return 1 end return " .. ("f("):rep(n) .. (")"):rep(n))
  m("idx " .. n, "local a = setmetatable({}, {__index = function(t, k) return k end}) return " .. ("a["):rep(n) .. "1" .. ("]"):rep(n))
  m("if " .. n, ("if true then "):rep(n) .. ("end "):rep(n))
  m("while " .. n, ("while true do break "):rep(1) .. ("while true do "):rep(n) .. ("end "):rep(n) .. " end")
  m("assign " .. n, rep(function(i) return "a" .. i end, n, ",") .. " = 1")
  m("args " .. n, "return select('#', " .. rep(tostring, n, ",") .. ")")
  m("ret " .. n, "return " .. rep(tostring, n, ","))
  m("params " .. n, "local function f(" .. rep(function(i) return "a" .. i end, n, ",") .. ") return a1 end return f(1)")
end
for _, n in ipairs{240, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 300} do m("args " .. n, "return (select('#', " .. rep(tostring, n, ",") .. "))") m("locret " .. n, "local a = {" .. rep(tostring, n, ",") .. "} return #a") m("conc " .. n, "local x = 'a' return #(" .. rep(function() return "x" end, n, "..") .. ")") end
