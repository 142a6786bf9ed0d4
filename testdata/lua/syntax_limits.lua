-- Limits of the compiler, as messages.
local function e(text) local f, m = load(text, "=s") print(f and "compiles" or m) end
local function list(n, prefix) local t = {} for i = 1, n do t[i] = prefix .. i end return table.concat(t, ", ") end
e("local " .. list(200, "v"))
e("local " .. list(201, "v"))
e("return function(" .. list(200, "p") .. ") end")
e("return function(" .. list(201, "p") .. ") end")
e("local " .. list(199, "v") .. " local function f() end")
e("local " .. list(200, "v") .. " local function f() end")
local many = {}
for i = 1, 256 do many[i] = "local u" .. i end
local deep = "local a = 1 " .. ("do "):rep(150) .. ("end "):rep(150)
e(deep)
e("return " .. ("("):rep(150) .. "1" .. (")"):rep(150))
e("return " .. ("-"):rep(1) .. "1")
e("x = " .. ("{"):rep(150) .. ("}"):rep(150))
e("x = " .. ("not "):rep(150) .. "1")
e("x = 1" .. (" + 1"):rep(10000))
e("x = " .. list(300, "'x' .. y"))
e("return " .. list(250, ""))
