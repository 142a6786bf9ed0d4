-- A room: what one client says, all hear. Save a change while clients are connected, and they see it.

local skynet = require "skynet"
local websocket = require "http.websocket"

local room = { clients = {}, said = 0 }

function room.say(who, text)
	room.said = room.said + 1
	websocket.broadcast(room.ids(), who .. ": " .. text)
	return room.said
end

function room.ids()
	local ids = {}
	for id in pairs(room.clients) do
		ids[#ids + 1] = id
	end
	return ids
end

local handle = {}

function handle.handshake(id)
	room.clients[id] = true
	websocket.write(id, "welcome")
end

function handle.message(id, text)
	room.say("client " .. id, text)
end

function handle.close(id)
	room.clients[id] = nil
end

skynet.start(function()
	websocket.attach("room", handle)
	skynet.dispatch("lua", function(_, _, command, ...)
		skynet.retpack(room[command](...))
	end)
end)
