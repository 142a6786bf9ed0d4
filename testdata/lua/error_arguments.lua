-- Argument errors of library functions name the function and the argument.
local function e(f) print(select(2, pcall(f))) end
e(function() string.rep() end) e(function() string.rep("x") end) e(function() string.rep("x", {}) end) e(function() ("x"):rep({}) end) e(function() ("x"):rep() end)
e(function() string.char(256) end) e(function() string.char(-1) end) e(function() string.byte(nil) end) e(function() string.format("%d", "x") end) e(function() string.format("%d") end)
e(function() string.format("%y", 1) end) e(function() string.format() end) e(function() table.concat({1, {}, 3}) end) e(function() table.concat({}, 1, 2, 3) end)
e(function() table.insert({}, 1, 2, 3) end) e(function() table.insert({}) end) e(function() table.insert(nil, 1) end) e(function() table.insert({}, 5, 1) end) e(function() table.remove({1, 2}, 7) end)
e(function() table.sort({1, "x"}) end) e(function() table.sort({3, 1, 2}, 5) end) e(function() table.unpack() end) e(function() table.unpack({}, 1, 1e8) end)
e(function() math.floor("x") end) e(function() math.max() end) e(function() math.random(0) end) e(function() math.random(2, 1) end) e(function() math.random(1, 2, 3) end) e(function() math.sqrt(nil) end)
e(function() setmetatable({}, 5) end) e(function() ipairs() end) e(function() select(0) end) e(function() tonumber("1", 99) end) e(function() rawset(1, 2, 3) end) e(function() next(5) end)
e(function() coroutine.create(5) end) e(function() coroutine.resume(5) end) e(function() coroutine.wrap() end) e(function() coroutine.status(nil) end)
e(function() os.time({}) end) e(function() os.date("%Q") end) e(function() os.date({}) end) e(function() os.getenv() end) e(function() os.setlocale("C", "x") end) e(function() os.time(5) end)
e(function() io.open() end) e(function() io.open("x", "rw") end) e(function() io.lines("/no/such") end) e(function() io.close(5) end) e(function() io.type() end) e(function() io.read("*x") end)
e(function() debug.getinfo() end) e(function() debug.getinfo(1, "x") end) e(function() debug.getlocal(1) end) e(function() debug.getlocal(50, 1) end) e(function() debug.sethook(1) end) e(function() debug.setmetatable({}, 1) end)
e(function() debug.upvalueid(print, 1) end) e(function() debug.upvaluejoin(print, 1, print, 1) end) e(function() debug.setuservalue(1, {}) end) e(function() debug.getupvalue(1, 1) end)
e(function() require() end) e(function() require({}) end) e(function() package.searchpath("x") end) e(function() load(nil) end) e(function() loadfile({}) end) e(function() dofile({}) end)
e(function() bit32.band("x") end) e(function() bit32.extract(1, 32) end) e(function() bit32.lshift(1) end) e(function() collectgarbage("x") end) e(function() error("m", {}) end) e(function() xpcall() end) e(function() pcall() end)
local s = "x"
e(function() s.rep(nil, 1) end) e(function() s:find() end) e(function() s:find("[") end) e(function() s:gsub("x", true) end) e(function() s:gsub("x") end) e(function() s:gsub("(", "") end) e(function() s:rep(1, {}) end)
local rep = string.rep e(function() rep() end) local lib = {r = string.rep} e(function() lib.r() end) e(function() lib["r"]() end)
