-- A chat with rooms: one service, one port for the page and the WebSocket.
--
--     luahost run examples/chat/chat.lua [HOST:PORT]
--
-- Then open http://127.0.0.1:8080/ in two windows. Edit this file while it runs: the chat goes on with the new code.
--
-- A message is one line of text. From the client: "/name NAME", "/join ROOM", or something to say. From the server:
-- "NAME: text" is something said, "* text" is news.

local skynet = require "skynet"
local websocket = require "http.websocket"

local address = ... or "127.0.0.1:8080"

local LONGEST_NAME = 20 -- bytes
local LONGEST_TEXT = 2000

local clients = {} -- id -> { name, room }
local rooms = {} -- name -> list of ids

local function members(room)
	rooms[room] = rooms[room] or {}
	return rooms[room]
end

local function tell(id, text)
	websocket.write(id, "* " .. text)
end

local function tell_room(room, text)
	websocket.broadcast(members(room), text)
end

local function leave(id)
	local room = clients[id].room
	local ids = members(room)
	for i, other in ipairs(ids) do
		if other == id then
			table.remove(ids, i)
			break
		end
	end
	if #ids == 0 then
		rooms[room] = nil
	else
		tell_room(room, "* " .. clients[id].name .. " has left")
	end
end

local function join(id, room)
	local client = clients[id]
	client.room = room
	tell_room(room, "* " .. client.name .. " has come")
	table.insert(members(room), id)
	tell(id, ("room %s, %d here"):format(room, #members(room)))
end

-- Names are short and of letters, digits, "-" and "_", so that nobody can pretend to be the server.
local function valid(name)
	return #name <= LONGEST_NAME and name:find "^[%w_-]+$"
end

local command = {}

function command.name(id, name)
	if not valid(name) then
		return tell(id, "a name has letters and digits, " .. LONGEST_NAME .. " at most")
	end
	for _, other in pairs(clients) do
		if other.name == name then
			return tell(id, "the name " .. name .. " is taken")
		end
	end
	local client = clients[id]
	local old = client.name
	client.name = name
	tell_room(client.room, "* " .. old .. " is " .. name .. " now")
end

function command.join(id, room)
	if not valid(room) then
		return tell(id, "a room is named like a person")
	end
	leave(id)
	join(id, room)
end

local handle = {}

function handle.handshake(id)
	clients[id] = { name = "guest" .. id }
	join(id, "lobby")
end

function handle.message(id, text)
	text = text:gsub("%c", " ")
	local word, argument = text:match "^/(%S+)%s*(.-)%s*$"
	if word then
		local f = command[word]
		if f then
			f(id, argument)
		else
			tell(id, "there are /name and /join")
		end
	elseif #text > LONGEST_TEXT then
		tell(id, "that is too long")
	elseif text:find "%S" then
		local client = clients[id]
		tell_room(client.room, client.name .. ": " .. text)
	end
end

-- The connection has ended: in good order (close), or otherwise (error).
local function gone(id)
	if clients[id] then
		leave(id)
		clients[id] = nil
	end
end
handle.close, handle.error = gone, gone

skynet.start(function()
	local _, host, port = websocket.listen(address, handle, {
		path = "/chat",
		max_message = 16 * 1024,
		compression = true,
		serve = {
			["/"] = { file = SERVICE_PATH .. "chat.html" },
			["/health"] = "ok\n",
		},
	})
	skynet.error(string.format("open http://%s:%d/", host, port))
end)
