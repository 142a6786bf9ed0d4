-- websocket.tools: digests, base64, URLs, integers.
local setup = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local tools = require "websocket.tools"
local hex, unhex = setup.hex, setup.unhex

print "-- sha1: RFC 3174, and sizes around the block boundary"
print(hex(tools.sha1("abc")), #tools.sha1("abc"))
print(hex(tools.sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")))
print(hex(tools.sha1(("0123456701234567012345670123456701234567012345670123456701234567"):rep(10))))
for _, size in ipairs { 0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 10000 } do
	print(size, hex(tools.sha1(("a"):rep(size))))
end
print(hex(tools.sha1("\0\255\128\n")))

print "-- base64: RFC 4648"
for size = 0, 6 do
	print(size, tools.base64.encode(("foobar"):sub(1, size)))
end
print(tools.base64.encode("\251\255\191\0"))
print(select("#", tools.base64.encode("foo")))

print "-- parse_url"
for _, url in ipairs {
	"ws://example.com",
	"ws://example.com/",
	"wss://example.com/chat",
	"WS://example.com:8001/chat/room?name=a%20b&x=/y:1",
	"ws://example.com?x=1",
	"ws://127.0.0.1:65535/a//b",
	"ws://[::1]/x",
	"wss://[2001:db8::1]:9443",
	"http://example.com:8080/",
	"http://example.com/",
} do
	print(url, tools.parse_url(url))
end
for _, url in ipairs {
	"", "example.com", "ws:example.com", "ws:/example.com", "ws//example.com", "://example.com", "ws://", "ws:///path",
	"ws://example.com:", "ws://example.com:port/", "ws://example.com:0/", "ws://example.com:65536/", "ws://:80/", "ws://[::1/", "ws://::1/",
	"ws://user@example.com/", "ws://exam ple.com/", "ws://example.com/a b", "ws://example.com/a#b", "ws://example.com/\r\nX:y",
} do
	local ok, err = pcall(tools.parse_url, url)
	print(ok, hex(url) == hex(tostring(err):match("Invalid URL:(.*)$") or "?") and "Invalid URL:" .. url:gsub("%c", "?") or err)
end

print "-- generate_key"
local key = tools.generate_key()
print(#key, key:find("^[%w+/]+==$"), key == tools.generate_key())

print "-- integers"
local s = unhex "00 7f 80 ff fe 01 02 03"
print(tools.read_int8(s), tools.read_int8(s, 4))
print(tools.read_int16(s), tools.read_int16(s, 4))
print(tools.read_int32(s), tools.read_int32(s, 4))
print(select("#", tools.read_int8(s, 1)), select("#", tools.read_int16(s, 1)), select("#", tools.read_int32(s, 1)))
print(hex(tools.write_int8(0, 127, 128, 255)), hex(tools.write_int8()))
print(hex(tools.write_int16(0)), hex(tools.write_int16(0x1234)), hex(tools.write_int16(0xffff)))
print(hex(tools.write_int32(0)), hex(tools.write_int32(0x12345678)), hex(tools.write_int32(0xffffffff)))
for _, v in ipairs { 0, 1, 255, 256, 65535, 65536, 2 ^ 24, 2 ^ 31, 2 ^ 32 - 1 } do
	local pos, back = tools.read_int32("x" .. tools.write_int32(v), 2)
	assert(pos == 6 and back == v)
end
