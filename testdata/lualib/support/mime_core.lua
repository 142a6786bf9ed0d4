-- mime.core's b64 for a whole string, which is all that the modules of lualib need.
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function group(bytes)
	local a, b, c = bytes:byte(1, 3)
	local bits = a * 65536 + (b or 0) * 256 + (c or 0)
	local digits = ""
	for shift = 18, 0, -6 do
		local value = math.floor(bits / 2 ^ shift) % 64
		digits = digits .. ALPHABET:sub(value + 1, value + 1)
	end
	return digits:sub(1, #bytes + 1) .. ("="):rep(3 - #bytes)
end

return {
	b64 = function(s)
		if s ~= "" then
			return (s:gsub("..?.?", group))
		end
	end,
}
