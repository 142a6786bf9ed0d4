-- The opening handshake of WebSocket (RFC 6455, section 4), both sides of it, on strings.
local tools = require "websocket.tools"

local find, format, lower, match, sub = string.find, string.format, string.lower, string.match, string.sub

local GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
local BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\n\r\n"

local handshake = {}

-- Returns the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key.
function handshake.sec_websocket_accept(key)
	return tools.base64.encode(tools.sha1(key .. GUID))
end

-- Returns name and value of one header line, or nothing when it isn't one.
local function header_field(line)
	local name, value = match(line, "^([^%s:]+)%s*:%s*(.*)$")
	if not name or find(value, "[\0\r\n]") then
		return
	end
	name = lower(name)
	value = match(value, "^(.*%S)") or ""
	if not find(name, "^sec%-websocket%-") then
		value = lower(value)
	end
	return name, value
end

-- Returns the headers of an HTTP/1.1 request or response by their lower-case names, and what follows the blank line
-- (nil while that line is missing; a line that isn't complete yet is left out). Values are in lower case too, except those of
-- Sec-WebSocket-*; a repeated header's values are joined with ",". What isn't HTTP/1.1, or has a malformed line, has no headers.
function handshake.http_headers(request)
	local stop = find(request, "\r\n", 1, true)
	local first = stop and sub(request, 1, stop - 1)
	if not first or not (find(first, " HTTP/1%.1$") or find(first, "^HTTP/1%.1 ")) then
		return {}
	end

	local headers = {}
	while true do
		local start = stop + 2
		stop = find(request, "\r\n", start, true)
		if not stop then
			return headers
		elseif stop == start then
			return headers, sub(request, start + 2)
		end
		local name, value = header_field(sub(request, start, stop - 1))
		if not name then
			return {}
		end
		headers[name] = headers[name] and headers[name] .. "," .. value or value
	end
end

-- Returns the request that opens a connection. request has key and host, and where wanted port (80), uri ("/"),
-- protocols (a list, the preferred one first) and origin.
function handshake.upgrade_request(request)
	local host = request.host
	if request.port and request.port ~= 80 then
		host = format("%s:%d", host, request.port)
	end
	local lines = {
		format("GET %s HTTP/1.1", request.uri or "/"),
		"Host: " .. host,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: " .. request.key,
		"Sec-WebSocket-Version: 13",
	}
	if request.protocols and #request.protocols > 0 then
		lines[#lines + 1] = "Sec-WebSocket-Protocol: " .. table.concat(request.protocols, ", ")
	end
	if request.origin then
		lines[#lines + 1] = "Origin: " .. request.origin
	end
	for _, line in ipairs(lines) do
		if find(line, "[\r\n]") then
			error("line break in an upgrade request, after: " .. match(line, "^[^\r\n]*"), 2)
		end
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function has_token(list, token)
	for item in list:gmatch("[^,%s]+") do
		if item == token then
			return true
		end
	end
	return false
end

-- Returns the first protocol that the client offers and that is among the supported ones.
local function choose_protocol(offered, supported)
	for protocol in offered:gmatch("[^,%s]+") do
		for _, known in ipairs(supported) do
			if known == protocol then
				return protocol
			end
		end
	end
end

-- Tells whether a request asks for WebSocket as section 4.2.1 demands. A key is 16 bytes in base64.
local function is_upgrade(request, headers)
	return find(request, "^GET %S+ HTTP/1%.1\r\n")
		and headers["host"]
		and has_token(headers["upgrade"] or "", "websocket")
		and has_token(headers["connection"] or "", "upgrade")
		and headers["sec-websocket-version"] == "13"
		and #(headers["sec-websocket-key"] or "") == 24
		and find(headers["sec-websocket-key"], "^[%w+/]+==$")
end

-- Returns the response to a request and the protocol chosen among protocols (a list; nil for none);
-- or nil and the response to a request that is no WebSocket handshake.
function handshake.accept_upgrade(request, protocols)
	local headers = handshake.http_headers(request)
	if not is_upgrade(request, headers) then
		return nil, BAD_REQUEST
	end

	local lines = {
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Accept: " .. handshake.sec_websocket_accept(headers["sec-websocket-key"]),
	}
	local protocol = choose_protocol(headers["sec-websocket-protocol"] or "", protocols or {})
	if protocol then
		lines[#lines + 1] = "Sec-WebSocket-Protocol: " .. protocol
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n", protocol
end

return handshake
