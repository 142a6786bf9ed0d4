-- Well-formed UTF-8 (RFC 3629), which WebSocket asks of text messages and of close reasons.
local utf8 = {}

-- Tells whether text is well-formed UTF-8.
function utf8.valid(text)
	return require "websocket.plain.utf8"(text)
end

-- Where the host has a native check, it does the work: with the same result. What it leaves, the one in Lua
-- does, which is not loaded before that.
local native, core = pcall(require, "websocket.core")
if native then
	utf8.valid = core.valid(utf8.valid)
end

return utf8
