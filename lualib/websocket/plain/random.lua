-- Random bytes from the system's generator; where a script can't reach it, from math.random.
local char = string.char
local random = math.random
local sub = string.sub

local POOL = 1024 -- bytes taken from the system at a time

local pool = ""

local function refill()
	local device = io and io.open and io.open("/dev/urandom", "rb")
	local bytes = device and device:read(POOL)
	if device then
		device:close()
	end
	if not bytes or #bytes < POOL then
		local weak = {}
		for i = 1, POOL do
			weak[i] = char(random(0, 255))
		end
		bytes = table.concat(weak)
	end
	return bytes
end

-- Returns a string of n random bytes, 0 <= n <= 1024.
return function(n)
	if #pool < n then
		pool = refill()
	end
	local taken = sub(pool, 1, n)
	pool = sub(pool, n + 1)
	return taken
end
