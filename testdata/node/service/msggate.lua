local msgserver = require "snax.msgserver"

local number = 0

msgserver.start {
	login_handler = function(uid, secret)
		number = number + 1
		msgserver.login(msgserver.username(uid, number, "game"), secret)
		return tostring(number)
	end,
	logout_handler = function() end,
	kick_handler = function() end,
	register_handler = function() return "ready" end,
	request_handler = function(_, text)
		assert(text ~= "fail", "as asked")
		return text:upper()
	end,
}
