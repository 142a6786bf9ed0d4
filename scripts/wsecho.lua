-- Sends back each WebSocket message, from one service for all connections.
--
--     luahost run scripts/wsecho.lua [HOST:PORT]
--
-- HOST:PORT is 127.0.0.1:9001 by default; ":9001" listens on all addresses. Settings (luahost run --env name=value):
--
--     max_message    bytes that a message may have; 16 MiB by default
--     compression    "off" refuses permessage-deflate; "on" by default
--     certfile, keyfile    serve wss instead of ws

local skynet = require "skynet"
local websocket = require "http.websocket"

local address = ... or "127.0.0.1:9001"

local handle = {}

function handle.message(id, message, op)
	websocket.write(id, message, op)
end

skynet.start(function()
	local certfile = skynet.getenv "certfile"
	local _, host, port = websocket.listen(address, handle, {
		max_message = tonumber(skynet.getenv "max_message") or 16 * 1024 * 1024,
		compression = skynet.getenv "compression" ~= "off",
		certfile = certfile,
		keyfile = skynet.getenv "keyfile",
	})
	skynet.error(string.format("listening on %s://%s:%d", certfile and "wss" or "ws", host, port))
end)
