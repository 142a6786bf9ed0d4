-- What the client's and the server's side of HTTP/1.1 have in common (RFC 9112).
local internal = {}

local HEADER_LIMIT = 8192 -- bytes of the lines before a body

-- Reads up to the empty line, from received on. Puts the lines into the list lines and returns what was read behind them;
-- nil when that is too long.
function internal.recvheader(readbytes, lines, received)
	local searched = 1
	while true do
		local first, last = received:find("\r\n\r\n", searched, true)
		if first then
			for line in (received:sub(1, first - 1) .. "\r\n"):gmatch "(.-)\r\n" do
				lines[#lines + 1] = line
			end
			return received:sub(last + 1)
		elseif received:sub(1, 2) == "\r\n" then
			return received:sub(3)
		elseif #received > HEADER_LIMIT then
			return nil
		end
		searched = math.max(1, #received - 2)
		local more = readbytes()
		if not more or more == "" then
			return nil
		end
		received = received .. more
	end
end

local function add_field(header, name, value)
	local known = header[name]
	if known == nil then
		header[name] = value
	elseif type(known) == "table" then
		known[#known + 1] = value
	else
		header[name] = { known, value }
	end
	return value
end

-- Adds the fields of lines, from a line on, to header, their names in lower case. Returns header, or nil when a line is
-- no field.
function internal.parseheader(lines, from, header)
	local name
	for i = from, #lines do
		local line = lines[i]
		if line:find "^[ \t]" then -- goes on with the field before
			if not name then
				return nil
			end
			local text = line:match "^%s*(.-)%s*$"
			local known = header[name]
			if type(known) == "table" then
				known[#known] = known[#known] .. text
			else
				header[name] = known .. text
			end
		else
			local value
			name, value = line:match "^([^%s:]+):%s*(.-)%s*$"
			if not name then
				return nil
			end
			name = name:lower()
			add_field(header, name, value)
		end
	end
	return header
end

-- Reads bytes from what was received before, and then from the connection.
local function reader(readbytes, received)
	local self = { rest = received }

	function self.more()
		local bytes = readbytes()
		if not bytes or bytes == "" then
			error "connection closed"
		end
		self.rest = self.rest .. bytes
	end

	function self.line(limit)
		while true do
			local first = self.rest:find("\r\n", 1, true)
			if first then
				local line = self.rest:sub(1, first - 1)
				self.rest = self.rest:sub(first + 2)
				return line
			elseif #self.rest > limit then
				return nil
			end
			self.more()
		end
	end

	function self.bytes(size)
		if #self.rest < size then
			self.rest = self.rest .. readbytes(size - #self.rest)
		end
		local bytes = self.rest:sub(1, size)
		self.rest = self.rest:sub(size + 1)
		return bytes
	end

	return self
end

-- Calls take(bytes) with each chunk of a body. Returns the header with the trailer's fields and what follows the body,
-- or nil when a chunk is malformed or take returned false.
local function read_chunks(readbytes, received, header, take)
	local input = reader(readbytes, received)
	while true do
		local digits = (input.line(HEADER_LIMIT) or ""):match "^%s*(%x+)%s*;?"
		if not digits then
			return nil
		end
		local size = tonumber(digits, 16)
		if size == 0 then
			break
		end
		if take(nil, size) == false then
			return nil
		end
		take(input.bytes(size))
		if input.bytes(2) ~= "\r\n" then
			return nil
		end
	end
	local trailer = {}
	while true do
		local line = input.line(HEADER_LIMIT)
		if not line then
			return nil
		elseif line == "" then
			break
		end
		trailer[#trailer + 1] = line
	end
	return internal.parseheader(trailer, 1, header), input.rest
end

-- Reads a chunked body of at most limit bytes. Returns the body and the header, or nil.
function internal.recvchunkedbody(readbytes, limit, header, received)
	local parts, total = {}, 0
	local ok = read_chunks(readbytes, received, header, function(bytes, size)
		if bytes then
			parts[#parts + 1] = bytes
			return
		end
		total = total + size
		return not limit or total <= limit
	end)
	if ok then
		return table.concat(parts), header
	end
end

-- The length that the header tells, nil when it tells none. Raises an error when that is no number.
function internal.content_length(header)
	local text = header["content-length"]
	if text == nil then
		return nil
	end
	if type(text) ~= "string" or not text:find "^%d+$" then
		error "invalid content-length"
	end
	return tonumber(text)
end

-- Reads a body of a known length.
function internal.recvbody(readbytes, length, received)
	if #received >= length then
		return received:sub(1, length)
	end
	return received .. readbytes(length - #received)
end

-- Appends the lines of a header to a list of strings; a value may be a list.
function internal.addheader(lines, header)
	for name, value in pairs(header) do
		if type(value) == "table" then
			for _, one in ipairs(value) do
				lines[#lines + 1] = ("%s: %s\r\n"):format(name, tostring(one))
			end
		else
			lines[#lines + 1] = ("%s: %s\r\n"):format(name, tostring(value))
		end
	end
end

local function has_field(header, name)
	for k in pairs(header or {}) do
		if type(k) == "string" and k:lower() == name then
			return true
		end
	end
	return false
end

local function send_request(interface, method, host, url, header, content)
	local lines = { ("%s %s HTTP/1.1\r\n"):format(method, url) }
	if not has_field(header, "host") then
		lines[2] = ("host: %s\r\n"):format(host)
	end
	if header then
		internal.addheader(lines, header)
	end
	if content and not has_field(header, "content-length") then
		lines[#lines + 1] = ("content-length: %d\r\n"):format(#content)
	elseif not content then
		lines[#lines + 1] = "content-length: 0\r\n"
	end
	lines[#lines + 1] = "\r\n"
	lines[#lines + 1] = content
	interface.write(table.concat(lines))
end

-- Sends a request and reads the header of the answer. Returns the status, what was read of the body, and the header.
function internal.request(interface, method, host, url, recvheader, header, content)
	send_request(interface, method, host, url, header, content)
	local status, rest, lines
	local first = ""
	repeat
		lines = {}
		rest = internal.recvheader(interface.read, lines, first)
		if not rest then
			error "Recv header failed"
		end
		status = lines[1] and tonumber(lines[1]:match "^HTTP/%d+%.%d+%s+(%d%d%d)")
		if not status then
			error("Invalid HTTP response header : " .. tostring(lines[1]))
		end
		first = rest
	until status >= 200 or status == 101 -- the others announce the answer
	local fields = internal.parseheader(lines, 2, recvheader or {})
	if not fields then
		error "Invalid HTTP response header"
	end
	return status, rest, fields
end

-- How the body of an answer ends: "none", "chunked", "length" and the length, or "close".
local function body_mode(method, status, header)
	if method == "HEAD" or status < 200 or status == 204 or status == 304 then
		return "none"
	end
	local coding = header["transfer-encoding"]
	if coding and coding:lower() ~= "identity" then
		if coding:lower() ~= "chunked" then
			error("Unsupport transfer-encoding")
		end
		return "chunked"
	end
	local length = internal.content_length(header)
	if length then
		return "length", length
	end
	return "close"
end

-- Reads the body of an answer.
function internal.response(interface, method, status, received, header)
	local mode, length = body_mode(method, status, header)
	if mode == "none" then
		return ""
	elseif mode == "chunked" then
		local body = internal.recvchunkedbody(interface.read, nil, header, received)
		return body or error "Invalid response body"
	elseif mode == "length" then
		return internal.recvbody(interface.read, length, received)
	end
	return received .. (interface.readall() or "")
end

-- A function that returns the body of an answer bit by bit, and nil at its end.
function internal.stream(interface, method, status, received, header)
	local mode, left = body_mode(method, status, header)
	if mode == "none" then
		return function() end
	elseif mode == "chunked" then
		return coroutine.wrap(function()
			local ok = read_chunks(interface.read, received, header, function(bytes)
				if bytes then
					coroutine.yield(bytes)
				end
			end)
			if not ok then
				error "Invalid response body"
			end
		end)
	end
	return function()
		local bytes = received
		received = ""
		if left == 0 then
			return nil
		elseif bytes == "" then
			if left then
				bytes = interface.read()
			else
				local ok, some = pcall(interface.read)
				bytes = ok and some or nil
			end
		end
		if bytes and left then
			bytes = bytes:sub(1, left)
			left = left - #bytes
		end
		return bytes
	end
end

return internal
