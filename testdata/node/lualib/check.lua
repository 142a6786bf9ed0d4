-- A few words for cases: check.equal(got, want), check.raises(text, f, ...).
local check = {}

local function show(v)
	if type(v) == "string" then
		return ("%q"):format(v)
	elseif type(v) ~= "table" then
		return tostring(v)
	end
	local parts = {}
	for k, x in pairs(v) do
		parts[#parts + 1] = ("[%s]=%s"):format(show(k), show(x))
	end
	table.sort(parts)
	return "{" .. table.concat(parts, ",") .. "}"
end

function check.equal(got, want, what)
	if show(got) ~= show(want) then
		error(("%s: got %s, want %s"):format(what or "value", show(got), show(want)), 2)
	end
end

function check.raises(text, f, ...)
	local ok, err = pcall(f, ...)
	if ok or not tostring(err):find(text, 1, true) then
		error(("got %s %s, want an error with %q"):format(tostring(ok), tostring(err), text), 2)
	end
end

return check
