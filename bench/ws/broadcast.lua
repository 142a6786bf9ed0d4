-- Sends each message to all connections.
local skynet = require "skynet"
local websocket = require "http.websocket"

local address = ...
local ids, place = {}, {}
local handle = {}

function handle.handshake(id)
	ids[#ids + 1] = id
	place[id] = #ids
end

function handle.message(id, message, op)
	websocket.broadcast(ids, message, op)
end

local function forget(id)
	local last = ids[#ids]
	ids[place[id]], place[last] = last, place[id]
	ids[#ids], place[id] = nil, nil
end
handle.close, handle.error = forget, forget

skynet.start(function()
	websocket.listen(address, handle)
end)
