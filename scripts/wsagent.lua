-- Serves one WebSocket connection (RFC 6455); wsserver.lua starts one of these services per client.
--
-- Made to be edited while it runs: on_open, on_message and on_close are what you will want to change.
-- The reading loop calls them afresh each time, so that an edit reaches the connections that are open.

local skynet = require "skynet"
local socket = require "skynet.socket"
local sockethelper = require "http.sockethelper"
local frame = require "websocket.frame"
local handshake = require "websocket.handshake"
local utf8 = require "websocket.utf8"

local MAX_REQUEST = 8192 -- bytes of the handshake request
local MAX_MESSAGE = 16 * 1024 * 1024 -- bytes, over all fragments
local MAX_FRAGMENTS = 65536 -- of one message
local MAX_UNSENT = 32 * 1024 -- kilobytes that wait for a client that doesn't read
local HANDSHAKE_TIME = 1000 -- hundredths of a second
local PROTOCOLS = {} -- the subprotocols that on_message speaks

-- Control characters are blanked: what a peer sent must not be able to forge a line.
local function log(client, text)
	skynet.error(string.format("websocket %d: %s", client.fd, (tostring(text):gsub("%c", " "))))
end

-- Sends a message; opcode is frame.TEXT (the default) or frame.BINARY.
local function send(client, data, opcode)
	socket.write(client.fd, frame.encode(data, opcode))
end

-- Starts the closing handshake, once; reason has 123 bytes at most. The reading loop ends with the message that it is at.
local function close(client, code, reason)
	if not client.code then
		client.code, client.reason = code or 1005, reason
		send(client, frame.encode_close(code, reason), frame.CLOSE)
	end
end

---------------------------------------------------------------------- what this server does

-- The handshake is done. request is the text of it; client is a table, yours to put things into.
local function on_open(client, request)
	client.messages = 0
end

-- A whole message has come; opcode is frame.TEXT or frame.BINARY.
local function on_message(client, data, opcode)
	client.messages = client.messages + 1
	send(client, data, opcode)
end

-- The connection is over. code is a close code (section 7.4.1): the one that was sent or received,
-- 1005 if the client gave none, 1006 if it went away without a word, 1011 after an error in this script.
local function on_close(client, code, reason)
	reason = reason and ", " .. reason or ""
	log(client, string.format("closed after %d messages, code %d%s", client.messages or 0, code, reason))
end

---------------------------------------------------------------------- the protocol

-- Ends the connection from anywhere below the reading loop.
local function fail(code, reason)
	error({ code = code, reason = reason })
end

-- Judges the first two bytes of a frame; returns the size that its payload may have.
local function check_header(client, first, second)
	local opcode, final = first % 16, first >= 128
	if first % 128 >= 16 then
		fail(1002, "reserved bit set")
	elseif second < 128 then
		fail(1002, "frame not masked")
	elseif opcode > frame.PONG or opcode > frame.BINARY and opcode < frame.CLOSE then
		fail(1002, "unknown opcode")
	elseif opcode >= frame.CLOSE then
		if not final or second % 128 > 125 then
			fail(1002, "control frame in fragments or too long")
		end
		return 125
	elseif (opcode == frame.CONTINUATION) ~= (client.opcode ~= nil) then
		fail(1002, "fragment out of place")
	end
	return MAX_MESSAGE - client.size
end

local LEAST = { [126] = 126, [127] = 65536 } -- the smallest size that each long form of the length is for

local function read_frame(client)
	local bytes = client.read(2)
	local first, second = bytes:byte(1, 2)
	local limit = check_header(client, first, second)
	while true do
		local ok, payload, final, opcode = pcall(frame.decode, bytes)
		if not ok then
			fail(1002, payload)
		elseif payload then
			if #payload < (LEAST[second % 128] or 0) then
				fail(1002, "length in a form too long")
			end
			return payload, final, opcode
		end
		local missing = final
		if missing > limit + 4 then -- 4 for the mask
			fail(1009, "message too big")
		end
		bytes = bytes .. client.read(missing)
	end
end

-- Keeps fragments until the last one completes the message.
local function join(client, payload, final, opcode)
	client.opcode = client.opcode or opcode
	client.size = client.size + #payload
	local parts = client.parts
	parts[#parts + 1] = payload
	if not final then
		if #parts >= MAX_FRAGMENTS then
			fail(1009, "too many fragments")
		end
		return
	end

	opcode = client.opcode
	client.parts, client.size, client.opcode = {}, 0, nil
	local data = table.concat(parts)
	if opcode == frame.TEXT and not utf8.valid(data) then
		fail(1007, "text is not UTF-8")
	end
	on_message(client, data, opcode)
end

local function is_close_code(code)
	return code >= 1000 and code <= 1003 or code >= 1007 and code <= 1014 or code >= 3000 and code <= 4999
end

-- Answers the client's CLOSE with the same code and reason.
local function close_asked(client, payload)
	local code, reason = frame.decode_close(payload)
	if #payload == 1 or code and not is_close_code(code) then
		fail(1002, "bad close code")
	elseif reason and not utf8.valid(reason) then
		fail(1007, "close reason is not UTF-8")
	end
	close(client, code, reason)
end

local function handle(client, payload, final, opcode)
	if opcode == frame.PING then
		send(client, payload, frame.PONG)
	elseif opcode == frame.CLOSE then
		close_asked(client, payload)
	elseif opcode ~= frame.PONG then
		join(client, payload, final, opcode)
	end
end

-- The reading loop. It stays this small because an edit can't change a loop that is running, only what the loop calls.
local function converse(client, request)
	on_open(client, request)
	while not client.code do
		handle(client, read_frame(client))
	end
end

-- Makes close code and reason of the error that ended the reading loop, and tells the client.
local function close_after(client, err)
	if err == sockethelper.socket_error then
		return 1006, client.cut or "connection lost"
	elseif type(err) == "table" and err.code then
		close(client, err.code, err.reason)
		return err.code, err.reason
	end
	close(client, 1011, "internal error")
	return 1011, tostring(err)
end

-- Reads up to the blank line that ends the request. Returns the request, and what follows it: the client may
-- already have sent frames. What can't become a request is returned at once, to be refused.
local function read_request(read)
	local bytes = ""
	while true do
		local from = math.max(1, #bytes - 2)
		bytes = bytes .. read()
		local _, last = bytes:find("\r\n\r\n", from, true)
		if (last or #bytes) > MAX_REQUEST then
			return nil
		elseif last then
			return bytes:sub(1, last), bytes:sub(last + 1)
		elseif bytes:sub(1, 4) ~= ("GET "):sub(1, #bytes) then
			return bytes
		end
	end
end

-- Does the opening handshake and returns the request.
local function upgrade(client)
	local fd = client.fd
	local request, rest = read_request(sockethelper.readfunc(fd))
	if not request then
		socket.write(fd, "HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n")
		error("request over " .. MAX_REQUEST .. " bytes", 0)
	end
	local response, refusal = handshake.accept_upgrade(request, PROTOCOLS)
	socket.write(fd, response or refusal)
	if not response then
		error("not a WebSocket request", 0)
	end
	client.read = sockethelper.readfunc(fd, rest)
	return request
end

-- Drops the connection; the coroutine that reads it wakes with an error.
local function cut(client, reason)
	client.cut = reason
	socket.shutdown(client.fd)
end

local function serve(client)
	local fd = client.fd
	assert(socket.start(fd))
	socket.warning(fd, function(_, unsent)
		if unsent > MAX_UNSENT then
			cut(client, "client doesn't read")
		end
	end)
	skynet.timeout(HANDSHAKE_TIME, function()
		if not client.read then
			cut(client, "no handshake in time")
		end
	end)

	local request = upgrade(client)
	local ok, err = pcall(converse, client, request)
	local code, reason = client.code, client.reason
	if not ok then
		code, reason = close_after(client, err)
	end
	on_close(client, code, reason)
end

local command = {}

function command.start(fd)
	local client = { fd = fd, parts = {}, size = 0 }
	local ok, err = pcall(serve, client)
	if not ok then
		log(client, client.cut or err)
	end
	socket.close(fd)
	skynet.exit()
end

skynet.start(function()
	skynet.dispatch("lua", function(session, source, fd, method, ...)
		local f = assert(command[method], "unknown method")
		skynet.retpack(f(fd, ...))
	end)
end)
