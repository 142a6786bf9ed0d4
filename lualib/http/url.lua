-- Taking URLs apart.
local url = {}

local function decode(text)
	return (text:gsub("+", " "):gsub("%%(%x%x)", function(digits)
		return string.char(tonumber(digits, 16))
	end))
end

-- Returns the path, decoded, and what follows the question mark as it is.
function url.parse(u)
	local path, query = u:match "^([^?]*)%??(.*)$"
	return decode(path), query
end

-- Returns the fields of a query by name; a field that repeats has a list.
function url.parse_query(q)
	local fields = {}
	for k, v in q:gmatch "([^&=]*)=([^&]*)" do
		k, v = decode(k), decode(v)
		local known = fields[k]
		if known == nil then
			fields[k] = v
		elseif type(known) == "table" then
			known[#known + 1] = v
		else
			fields[k] = { known, v }
		end
	end
	return fields
end

return url
