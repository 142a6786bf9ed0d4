-- The messages between the nodes of a cluster. Each has a length of two bytes in front, big-endian; other numbers are
-- little-endian. Long ones are sent in parts.
local wire = {}

local PART = 0x8000 -- bytes
local NAMED, ONE, BEGIN, PUSH, MIDDLE, END, TRACE = 0x80, 0, 1, 0x41, 2, 3, 4
local FAILED, OK, MANY, MORE, LAST = 0, 1, 2, 3, 4

local function frame(text)
	return string.pack(">s2", text)
end

-- The parts of a text, each behind a head that says whether it is the last one.
local function parts_of(text, session, middle, last)
	local parts = {}
	for at = 1, #text, PART do
		local kind = at + PART > #text and last or middle
		parts[#parts + 1] = { kind, text:sub(at, at + PART - 1) }
	end
	return parts
end

local function head(kind, address)
	if type(address) == "number" then
		return string.pack("<BI4", kind, address)
	end
	return string.pack("<Bs1", kind + NAMED, address)
end

-- A request: the first frame, and a list of others. session is 0 for one without an answer.
function wire.request(address, session, text, push)
	if #text < PART then
		return frame(head(ONE, address) .. string.pack("<I4", push and 0 or session) .. text)
	end
	local first = frame(head(push and PUSH or BEGIN, address) .. string.pack("<I4I4", session, #text))
	local padding = {}
	for i, part in ipairs(parts_of(text, session, MIDDLE, END)) do
		padding[i] = frame(string.pack("<BI4", part[1], session) .. part[2])
	end
	return first, padding
end

-- What marks the log of the request that follows.
function wire.trace(tag)
	return frame(string.char(TRACE) .. tag)
end

-- Takes a request's frame apart; partial keeps parts by session. Returns address, session, text, push when one is complete;
-- nil and the tag, when that of the next one has come.
function wire.read_request(partial, text)
	local kind = text:byte()
	if kind == TRACE then
		return nil, text:sub(2)
	end
	local named = kind >= NAMED
	if named then
		kind = kind - NAMED
	end
	if kind == MIDDLE or kind == END then
		local session = string.unpack("<I4", text, 2)
		local p = assert(partial[session], "invalid part of a cluster request")
		p.parts[#p.parts + 1] = text:sub(6)
		if kind == END then
			partial[session] = nil
			return p.address, session, table.concat(p.parts), p.push
		end
		return
	end
	local address, at = string.unpack(named and "<s1" or "<I4", text, 2)
	local session
	session, at = string.unpack("<I4", text, at)
	if kind == ONE then
		return address, session, text:sub(at), session == 0
	end
	partial[session] = { address = address, parts = {}, push = kind == PUSH }
end

-- An answer, as a list of frames.
function wire.response(session, ok, text)
	text = text or ""
	if not ok then
		return { frame(string.pack("<I4B", session, FAILED) .. text:sub(1, PART)) }
	elseif #text < PART then
		return { frame(string.pack("<I4B", session, OK) .. text) }
	end
	local frames = { frame(string.pack("<I4BI4", session, MANY, #text)) }
	for _, part in ipairs(parts_of(text, session, MORE, LAST)) do
		frames[#frames + 1] = frame(string.pack("<I4B", session, part[1]) .. part[2])
	end
	return frames
end

-- Takes an answer's frame apart: session, ok, text, whether more follows.
function wire.read_response(text)
	local session, kind = string.unpack("<I4B", text)
	text = text:sub(6)
	if kind == MANY then
		return session, true, "", true
	end
	return session, kind ~= FAILED, text, kind == MORE
end

return wire
