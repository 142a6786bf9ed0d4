-- Garbage that refers to itself is found by collectgarbage, and what is in use is not.

local done = {}
local function watch(name, t)
	return setmetatable(t or {}, { __gc = function() done[name] = true end })
end

local function found(name)
	collectgarbage()
	collectgarbage()
	print(name, done[name])
end

do
	local t = watch "itself"
	t.t = t
end
found "itself"

do
	local a, b = {}, {}
	a.b, b.a = watch("pair", b), a
end
found "pair"

do
	local t
	t = watch("closure", { f = function() return t end })
end
found "closure"

do
	local co = coroutine.create(function(co)
		local t = watch("coroutine", { co })
		coroutine.yield(t)
	end)
	coroutine.resume(co, co)
end
found "coroutine"

do
	local t = watch "metatable"
	getmetatable(t).__index = t
end
found "metatable"

-- In use, though by ways that are not obvious.
local step
do
	local t = watch "wrap"
	t.t = t
	step = coroutine.wrap(function() coroutine.yield(1); return t.t == t end)
	step()
end
found "wrap"
print(step())

do
	local t = watch "hook"
	t.t = t
	debug.sethook(function() return t end, "", 1000000)
end
found "hook"
debug.sethook()

do
	local t = watch "key"
	t.t = t
	local keys = { [t] = true }
	function probe() return next(keys).t == t end
end
found "key"
print(probe())

table.sort({ 3, 1, 2 }, (function()
	local t = watch "comparator"
	t.t = t
	return function(a, b)
		collectgarbage()
		return t.t == t and a < b
	end
end)())
print("comparator", done.comparator)

do
	local t = watch "registry"
	t.t = t
	debug.getregistry().kept = t
end
found "registry"

-- Finalized once, the newest first, and usable then.
local order = {}
do
	local made = {}
	for i = 1, 5 do
		made[i] = setmetatable({ i, made = made }, { __gc = function(t)
			order[#order + 1] = t[1] .. (t.made[t[1]] == t and "" or "?")
		end })
	end
end
collectgarbage()
collectgarbage()
print(table.concat(order, " "))
