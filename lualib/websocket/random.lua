-- Random bytes for keys and masks, which RFC 6455 (sections 4.1 and 10.3) wants unpredictable.

-- Returns a string of n random bytes, 0 <= n <= 1024.
local function random_bytes(n)
	return require "websocket.plain.random"(n)
end

-- Where the host has a generator of its own, that is used.
local native, core = pcall(require, "websocket.core")
return native and core.random(random_bytes) or random_bytes
