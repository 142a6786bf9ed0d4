-- Steps of a collection: larger ones make a cycle sooner, however much garbage is made meanwhile.

local function steps(size, garbage)
	collectgarbage()
	local n = 0
	repeat
		local t = garbage and string.rep("x", garbage) .. n or { n }
		n = n + 1
	until collectgarbage("step", size)
	return n
end

collectgarbage "stop"
print(collectgarbage "isrunning")
print(steps(0) > 10, steps(6) < steps(2), steps(1e6))
print(steps(1, 5000) > 1)
print(collectgarbage("step", 1000000))
print(collectgarbage "isrunning")
collectgarbage "restart"
print(collectgarbage "isrunning")
