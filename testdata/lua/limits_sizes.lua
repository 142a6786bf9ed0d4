-- large chunks: strings, comments, lines, names, labels, returns
local function m(name, src) local f, e = load(src, "=x") print(name, f and "ok" or e:sub(1, 300)) if f then print(name, pcall(f)) end end
local function rep(f, n, sep) local t = {} for i = 1, n do t[i] = f(i) end return table.concat(t, sep or " ") end
m("strs", "return #'" .. ("a"):rep(1e5) .. "', #[[" .. ("b\n"):rep(1e5) .. "]]")
m("comment", "--[[" .. ("b\n"):rep(1e5) .. "]] x.y.z = 1")
m("lines", ("\n"):rep(1e5) .. "error 'x'")
m("name", ("n"):rep(1e5) .. " = 1 return " .. ("n"):rep(1e5))
m("err name", "local " .. ("n"):rep(200) .. " return " .. ("n"):rep(200) .. ".x")
m("err near", "x = " .. ("n"):rep(2000) .. " " .. ("m"):rep(2000))
m("labels", rep(function(i) return "goto l" .. i .. " ::l" .. i .. "::" end, 1000))
m("returns", "return (function() return " .. rep(tostring, 250, ",") .. " end)()")
m("setlist", "local t = {(function() return 1, 2, 3 end)(), " .. rep(tostring, 100, ",") .. ", (function() return 1, 2, 3 end)()} return #t")

