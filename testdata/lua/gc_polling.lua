-- Loops that wait for the garbage collector: what only an old register still holds must not count as in use.

local function finalized(make)
	local done = false
	local function watched() return setmetatable({}, { __gc = function() done = true end }) end
	make(watched, function() return done end)
end

finalized(function(watched, done)
	local u = watched()
	local kept = { 34 }
	repeat u = {} until done()
	print("tables", kept[1])
end)

finalized(function(watched, done)
	local u, i = watched(), 1
	repeat i = i + 1; u = i .. "a" until done()
	print("strings")
end)

finalized(function(watched, done)
	local u = watched()
	repeat local i; u = function() return i end until done()
	print("closures")
end)

finalized(function(watched, done)
	for _, x in ipairs { watched() } do x = nil end
	for i = 1, math.huge do
		local garbage = { i }
		if done() then break end
	end
	print("numeric for")
end)

finalized(function(watched, done)
	local co = coroutine.wrap(function()
		local u = { watched() }
		u = #u
		while not done() do coroutine.yield({ u }) end
		return "coroutine"
	end)
	local result
	repeat result = co() until type(result) == "string"
	print(result)
end)

-- A program that looks for an object all the time must not keep it alive by that.
local function gone(mode, fill, present)
	local t = setmetatable({}, { __mode = mode })
	fill(t)
	while present(t) do local garbage = {} end
end

gone("v", function(t) t[1] = {} end, function(t) return t[1] end)
print("weak value")
gone("k", function(t) t[{}] = 1 end, function(t) return next(t) end)
print("weak key")
gone("kv", function(t) t.f = function() return t end end, function(t) return t.f ~= nil end)
print("weak function")
gone("v", function(t) t.co = coroutine.create(print) end, function(t) return t.co end)
print("weak coroutine")
