-- WebSocket frames (RFC 6455, section 5), on strings.
-- The layout only: what a peer may send when (reserved bits, masking, fragments, UTF-8) is for the caller to judge.
local tools = require "websocket.tools"

local byte, sub = string.byte, string.sub
local write_int8, write_int16, write_int32 = tools.write_int8, tools.write_int16, tools.write_int32

local frame = {
	CONTINUATION = 0,
	TEXT = 1,
	BINARY = 2,
	CLOSE = 8,
	PING = 9,
	PONG = 10,
}

-- The three forms of a frame's header, by the size of the payload: up to 125, up to 0xffff, above.
-- header and payload are the first two bytes; a 64-bit length comes in two halves.

function frame.encode_header_small(header, payload)
	return write_int8(header, payload)
end

function frame.encode_header_medium(header, payload, len)
	return write_int8(header, payload) .. write_int16(len)
end

function frame.encode_header_big(header, payload, high, low)
	return write_int8(header, payload) .. write_int32(high) .. write_int32(low)
end

-- Returns the frame that carries data. opcode is TEXT by default; masked (what a client must do) is false by default;
-- fin, whether this is the last frame of its message, is true by default.
function frame.encode(data, opcode, masked, fin)
	return require "websocket.plain.frame".encode(frame, data, opcode, masked, fin)
end

-- Takes the first frame off bytes. Returns payload, fin, opcode, what follows the frame, and whether it was masked;
-- or nil and how many bytes are missing at least: of the header until the size of the frame is known, then of the frame.
-- A 64-bit length under 0xffff or over 2^53 raises "INVALID PAYLOAD" and the length.
function frame.decode(bytes)
	return require "websocket.plain.frame".decode(bytes)
end

-- Where the host has a native codec, it does the work: with the same results and errors. What it leaves, the one in Lua
-- does, which is not loaded before that.
local native, core = pcall(require, "websocket.core")
if native then
	frame.encode, frame.decode = core.encode(frame.encode), core.decode(frame.decode)
else
	frame.decode = require "websocket.plain.frame".decode
end

-- Returns the payload of a CLOSE frame: "" without a code.
function frame.encode_close(code, reason)
	if not code then
		return ""
	end
	return write_int16(code) .. (reason and tostring(reason) or "")
end

-- Returns code and reason from the payload of a CLOSE frame: nil for what it doesn't have.
function frame.decode_close(data)
	if not data or #data < 2 then
		return nil
	end
	local high, low = byte(data, 1, 2)
	return high * 256 + low, #data > 2 and sub(data, 3) or nil
end

return frame
