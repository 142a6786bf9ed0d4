-- A few words for cases: check.equal(got, want), check.raises(text, f, ...), check.comes(f), check.port().
local skynet = require "skynet"
local socket = require "skynet.socket"
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

-- Waits until f gives something true. A slow machine has a minute.
function check.comes(f)
	for _ = 1, 6000 do
		if f() then
			return
		end
		skynet.sleep(1)
	end
	error("it does not come", 2)
end

-- Returns a port that nobody listens on. It is below those that systems give away by themselves: one of these could be
-- taken before it is used.
function check.port()
	math.randomseed(skynet.hpc() % 2 ^ 31)
	for _ = 1, 1000 do
		local port = math.random(10000, 29999)
		local ok, id = pcall(socket.listen, "127.0.0.1", port)
		if ok then
			socket.close(id)
			return port
		end
	end
	error("no port is free", 2)
end

return check
