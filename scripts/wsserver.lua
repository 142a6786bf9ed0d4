-- Accepts WebSocket clients, and starts one wsagent service for each of them.
--
--     luahost run scripts/wsserver.lua [HOST:PORT]
--
-- HOST:PORT is 0.0.0.0:8001 by default; an IPv6 address stands in brackets.

local skynet = require "skynet"
local socket = require "skynet.socket"

local address = ... or "0.0.0.0:8001"

local function parse_address(text)
	local host, port = text:match("^(.*):(%d+)$")
	if not host or host == "" then
		error("address " .. text .. ": HOST:PORT expected", 0)
	end
	return host:match("^%[(.*)%]$") or host, tonumber(port)
end

-- Hands a new connection over to an agent of its own.
local function hand_over(id, addr)
	local agent = skynet.newservice("wsagent")
	skynet.error(string.format("%s connected, agent :%08x", addr, agent))
	if not skynet.send(agent, "lua", id, "start") then
		error(string.format("agent :%08x is gone", agent), 0)
	end
end

-- Whatever goes wrong with one connection, the server goes on accepting.
local function accept(id, addr)
	local ok, err = pcall(hand_over, id, addr)
	if not ok then
		skynet.error(string.format("%s refused: %s", addr, tostring(err)))
		socket.close_fd(id)
	end
end

skynet.start(function()
	local host, port = parse_address(address)
	local id, bound_host, bound_port = socket.listen(host, port)
	skynet.error(string.format("listening on %s:%d", bound_host or host, bound_port or port))
	socket.start(id, accept)
end)
