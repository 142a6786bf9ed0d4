-- Constructors.
local function f() return 1, 2, 3 end
print(#{f()}, #{f(), f()}, #{(f())}, #{f(), nil}, #{[1] = f()}, #{f(), x = 1})
print(#{1, 2, 3,}, #{1; 2; 3;}, #{1, 2; x = 3}, {} ~= {}, #{{}, {}})
local t = {1, x = 2, 3, ["y"] = 4, 5, [10] = 6; 7} print(#t, t.x, t.y, t[10], t[4])
local big = {} for i = 1, 120 do big[i] = tostring(i) end local b = load("return {" .. table.concat(big, ",") .. "}")() print(#b, b[50], b[51], b[100], b[120])
b = load("return {" .. table.concat(big, ",") .. ", ...}")("x", "y") print(#b, b[121], b[122])
print(({a = {b = {c = "deep"}}}).a.b.c, ({{{"nested"}}})[1][1][1])
local function g(t) return #t, t.n end print(g {1, 2, n = "name"}) print(g {}) print((g {{}}))
local i = 0 local function nexti() i = i + 1 return i end t = {nexti(), nexti(), k = nexti(), nexti()} print(t[1], t[2], t.k, t[3])
print(#{...}, #{..., 1}, select("#", table.unpack {nil, nil, 3}))
