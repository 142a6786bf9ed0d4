local skynet = require "skynet"
local login = require "snax.loginserver"

local port, gate = ...

login {
	host = "127.0.0.1",
	port = tonumber(port),
	multilogin = false,
	instance = 2,
	name = "login_master",
	auth_handler = function(token)
		local user, password = token:match "([^:]+):(.+)"
		assert(password == "secret", "Invalid password")
		return "game", user
	end,
	login_handler = function(_, uid, secret)
		return skynet.call(tonumber(gate), "lua", "login", uid, secret)
	end,
	command_handler = function() end,
}
