-- The check of websocket.utf8 in Lua, for hosts that have none in Go, and for arguments that the one in Go leaves to this.
local find = string.find
local gsub = string.gsub

local CONT = "[\128-\191]"

-- Every multi-byte sequence that is allowed: no overlong form, no surrogate, nothing above U+10FFFF.
local SEQUENCES = {
	"[\194-\223]" .. CONT,
	"\224[\160-\191]" .. CONT,
	"[\225-\236\238\239]" .. CONT .. CONT,
	"\237[\128-\159]" .. CONT,
	"\240[\144-\191]" .. CONT .. CONT,
	"[\241-\243]" .. CONT .. CONT .. CONT,
	"\244[\128-\143]" .. CONT .. CONT,
}

-- Tells whether text is well-formed UTF-8.
return function(text)
	-- The stand-in is not empty, so that what stood on both sides of a sequence can't meet and look like another one.
	for _, sequence in ipairs(SEQUENCES) do
		if not find(text, "[\128-\255]") then
			return true
		end
		text = gsub(text, sequence, "?")
	end
	return not find(text, "[\128-\255]")
end
