-- The server's side of HTTP/1.1: reading a request, writing an answer.
local internal = require "http.internal"

local httpd = {}

local status_text = {
	[100] = "Continue", [101] = "Switching Protocols",
	[200] = "OK", [201] = "Created", [202] = "Accepted", [203] = "Non-Authoritative Information", [204] = "No Content",
	[205] = "Reset Content", [206] = "Partial Content",
	[300] = "Multiple Choices", [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified",
	[305] = "Use Proxy", [307] = "Temporary Redirect", [308] = "Permanent Redirect",
	[400] = "Bad Request", [401] = "Unauthorized", [402] = "Payment Required", [403] = "Forbidden", [404] = "Not Found",
	[405] = "Method Not Allowed", [406] = "Not Acceptable", [407] = "Proxy Authentication Required",
	[408] = "Request Time-out", [409] = "Conflict", [410] = "Gone", [411] = "Length Required",
	[412] = "Precondition Failed", [413] = "Request Entity Too Large", [414] = "Request-URI Too Large",
	[415] = "Unsupported Media Type", [416] = "Requested range not satisfiable", [417] = "Expectation Failed",
	[422] = "Unprocessable Content", [426] = "Upgrade Required", [429] = "Too Many Requests",
	[500] = "Internal Server Error", [501] = "Not Implemented", [502] = "Bad Gateway", [503] = "Service Unavailable",
	[504] = "Gateway Time-out", [505] = "HTTP Version not supported",
}

-- Reads what follows the header; returns the status, and the body if that is 200.
local function read_body(readbytes, limit, header, received)
	local coding = header["transfer-encoding"]
	if coding and (type(coding) == "table" or coding:lower() ~= "identity") then
		if type(coding) == "table" or coding:lower() ~= "chunked" then
			return 501
		elseif header["content-length"] then
			return 400 -- two lengths that could differ (RFC 9112, section 6.3)
		end
		local body = internal.recvchunkedbody(readbytes, limit, header, received)
		if not body then
			return 413
		end
		return 200, body
	end
	local ok, length = pcall(internal.content_length, header)
	if not ok then
		return 400
	elseif not length then
		return 200, received
	elseif limit and length > limit then
		return 413
	end
	return 200, internal.recvbody(readbytes, length, received)
end

local function read_request(readbytes, limit)
	local lines = {}
	local received = internal.recvheader(readbytes, lines, "")
	if not received then
		return 413
	end
	local method, url, version = (lines[1] or ""):match "^(%a+)%s+(.-)%s+HTTP/([%d%.]+)$"
	if not method then
		return 400
	end
	version = tonumber(version)
	if not version or version < 1.0 or version > 1.1 then
		return 505
	end
	local header = internal.parseheader(lines, 2, {})
	if not header then
		return 400
	end
	local status, body = read_body(readbytes, limit, header, received)
	if status ~= 200 then
		return status
	end
	return 200, url, method, header, body
end

-- Reads a request, whose body may have limit bytes. Returns 200, url, method, header, body; or the status to answer with;
-- or nil and the error that readbytes raised.
function httpd.read_request(readbytes, limit)
	local ok, status, url, method, header, body = pcall(read_request, readbytes, limit)
	if ok then
		return status, url, method, header, body
	end
	return nil, status
end

local function write_chunks(write, nextchunk)
	for chunk in nextchunk do
		if chunk ~= "" then
			write(("%x\r\n"):format(#chunk) .. chunk .. "\r\n") -- %s would end at a zero byte
		end
	end
	write "0\r\n\r\n"
end

local function write_response(write, status, body, header)
	local lines = { ("HTTP/1.1 %03d %s\r\n"):format(status, status_text[status] or "") }
	if header then
		internal.addheader(lines, header)
	end
	if type(body) == "string" then
		lines[#lines + 1] = ("content-length: %d\r\n\r\n"):format(#body)
		lines[#lines + 1] = body
	elseif type(body) == "function" then
		lines[#lines + 1] = "transfer-encoding: chunked\r\n\r\n"
	elseif body == nil then
		lines[#lines + 1] = "\r\n"
	else
		error(("invalid response body (%s)"):format(type(body)))
	end
	write(table.concat(lines))
	if type(body) == "function" then
		write_chunks(write, body)
	end
end

-- Writes an answer. body is a string, a function that returns one chunk after the other and then nil, or nil.
-- Returns true, or false and the error that write raised.
function httpd.write_response(write, status, body, header)
	return pcall(write_response, write, status, body, header)
end

return httpd
