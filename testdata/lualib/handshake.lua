-- websocket.handshake: the exchange of RFC 6455, section 1.2, the rules of http_headers, and what is refused.
local setup = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local handshake = require "websocket.handshake"

local SAMPLE = {
	"GET /chat HTTP/1.1",
	"Host: server.example.com",
	"Upgrade: websocket",
	"Connection: Upgrade",
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	"Origin: http://example.com",
	"Sec-WebSocket-Protocol: chat, superchat",
	"Sec-WebSocket-Version: 13",
}

-- Returns the sample with the line that starts with name replaced (false takes it out), and further lines.
local function sample(name, line, ...)
	local lines = {}
	for _, original in ipairs(SAMPLE) do
		if name and original:sub(1, #name) == name then
			original = line
		end
		if original then
			lines[#lines + 1] = original
		end
	end
	for _, more in ipairs { ... } do
		lines[#lines + 1] = more
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function show(headers, rest)
	local names = {}
	for name in pairs(headers) do
		names[#names + 1] = name
	end
	table.sort(names)
	for _, name in ipairs(names) do
		print("", name, "[" .. headers[name] .. "]")
	end
	print("", "rest", rest and "[" .. rest:gsub("[%c\128-\255]", ".") .. "]")
end

print "-- sec_websocket_accept"
print(handshake.sec_websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="))
print(handshake.sec_websocket_accept("x3JJHMbDL1EzLkh9GBhXDw=="))

print "-- http_headers"
for _, case in ipairs {
	{ "the sample", sample() },
	{ "a response, with bytes after it", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: Ab+/=\r\n\r\n\129\5Hello" },
	{ "lower case, except of sec-websocket-*", "GET / HTTP/1.1\r\nHOST: EXAMPLE.com\r\nSEC-WEBSOCKET-KEY: AbC\r\nX-Sec-WebSocket-Y: AbC\r\n\r\n" },
	{ "repeated names", "GET / HTTP/1.1\r\nA: 1\r\nB: x\r\na: 2\r\nA: 3, 4\r\n\r\n" },
	{ "spaces and tabs", "GET / HTTP/1.1\r\nA:1\r\nB: \t b b \t \r\nC :c\r\nD:\r\nE:   \r\n\r\n" },
	{ "colons", "GET / HTTP/1.1\r\nHost: h:8001\r\nOrigin: http://h:8001\r\n\r\n" },
	{ "no header", "GET / HTTP/1.1\r\n\r\nrest" },
	{ "two blank lines", "GET / HTTP/1.1\r\nA: 1\r\n\r\n\r\n\r\nB: 2\r\n\r\n" },
	{ "no blank line yet", "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3" },
	{ "HTTP/1.0", "GET / HTTP/1.0\r\nA: 1\r\n\r\n" },
	{ "HTTP/1.1 only in a header", "GET / HTTP/1.0\r\nA: HTTP/1.1\r\n\r\n" },
	{ "HTTP/1.1 in the path", "GET /HTTP/1.1 HTTP/1.0\r\nA: 1\r\n\r\n" },
	{ "HTTP/1.10", "GET / HTTP/1.10\r\nA: 1\r\n\r\n" },
	{ "nothing", "" },
	{ "no line break", "GET / HTTP/1.1" },
	{ "a line without colon", "GET / HTTP/1.1\r\nA: 1\r\nnonsense\r\n\r\n" },
	{ "a line without name", "GET / HTTP/1.1\r\n: 1\r\n\r\n" },
	{ "a continued line", "GET / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n" },
	{ "a lone LF", "GET / HTTP/1.1\r\nA: 1\nB: 2\r\n\r\n" },
	{ "a NUL", "GET / HTTP/1.1\r\nA: 1\0\r\n\r\n" },
} do
	print(case[1])
	show(handshake.http_headers(case[2]))
end

print "-- every beginning of the sample"
local request, complete = sample(), 0
for size = 0, #request do
	local headers, rest = handshake.http_headers(request:sub(1, size))
	complete = complete + (rest and 1 or 0)
	for _, value in pairs(headers) do
		assert(request:lower():find(value:lower() .. "\r\n", 1, true), value)
	end
end
print(complete)

print "-- upgrade_request"
local function print_lines(text)
	print((text:gsub("\r\n", "|\n")))
end
print_lines(handshake.upgrade_request { key = "dGhlIHNhbXBsZSBub25jZQ==", host = "server.example.com", uri = "/chat",
	protocols = { "chat", "superchat" }, origin = "http://example.com" })
print_lines(handshake.upgrade_request { key = "dGhlIHNhbXBsZSBub25jZQ==", host = "h", port = 8001, protocols = {} })
print_lines(handshake.upgrade_request { key = "dGhlIHNhbXBsZSBub25jZQ==", host = "h", port = 80 })
setup.fails(handshake.upgrade_request, { key = "k", host = "h", uri = "/ HTTP/1.1\r\nX: y" })
setup.fails(handshake.upgrade_request, { key = "k", host = "h", origin = "o\nX: y" })

print "-- accept_upgrade"
print_lines(handshake.accept_upgrade(sample(), { "superchat", "chat" }))
for _, protocols in ipairs { { "chat" }, { "superchat" }, { "superchat", "chat" }, { "other" }, {}, { "cha" }, { "CHAT" } } do
	local response, protocol = handshake.accept_upgrade(sample(), protocols)
	print(table.concat(protocols, ","), protocol, response:match("Sec%-WebSocket%-Protocol: ([^\r]*)"))
end
print(select(2, handshake.accept_upgrade(sample())))

for _, case in ipairs {
	{ "capitals", "Upgrade", "UPGRADE: WebSocket" },
	{ "a list in Connection", "Connection", "connection: keep-alive, Upgrade" },
	{ "Connection twice", "Connection", "Connection: keep-alive\r\nConnection: Upgrade" },
	{ "a list in Upgrade", "Upgrade", "Upgrade: h2c, websocket" },
	{ "no protocol", "Sec-WebSocket-Protocol", false },
	{ "no origin", "Origin", false },
	{ "a query", "GET", "GET /chat?room=1 HTTP/1.1" },
	{ "frames after it", nil, nil, "X: y\r\n\r\n\129\128abcd" },
} do
	local response, protocol = handshake.accept_upgrade(sample(case[2], case[3], case[4]), { "chat" })
	print(case[1], response:match("^[^\r]*"), protocol, response:find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", 1, true) ~= nil)
end

print "-- refused"
for _, case in ipairs {
	{ "HTTP/1.0", "GET", "GET /chat HTTP/1.0" },
	{ "HTTP/2.0", "GET", "GET /chat HTTP/2.0" },
	{ "POST", "GET", "POST /chat HTTP/1.1" },
	{ "no path", "GET", "GET HTTP/1.1" },
	{ "no host", "Host", false },
	{ "no upgrade", "Upgrade", false },
	{ "another upgrade", "Upgrade", "Upgrade: websockets" },
	{ "no connection", "Connection", false },
	{ "another connection", "Connection", "Connection: keep-alive, no-upgrade" },
	{ "no key", "Sec-WebSocket-Key", false },
	{ "key of 15 bytes", "Sec-WebSocket-Key", "Sec-WebSocket-Key: c2FtcGxlIG5vbmNlISEh" },
	{ "key of 17 bytes", "Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=" },
	{ "key not in base64", "Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==" },
	{ "two keys", "Origin", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" },
	{ "no version", "Sec-WebSocket-Version", false },
	{ "version 8", "Sec-WebSocket-Version", "Sec-WebSocket-Version: 8" },
	{ "version 133", "Sec-WebSocket-Version", "Sec-WebSocket-Version: 133" },
	{ "a malformed line", "Origin", "nonsense" },
} do
	local response, refusal = handshake.accept_upgrade(sample(case[2], case[3]), { "chat" })
	print(case[1], response, (refusal:gsub("\r\n", "|")))
end
print("garbage", handshake.accept_upgrade("\22\3\1garbage") == nil, handshake.accept_upgrade("") == nil)
