-- A client of redis (RESP 2). A command is a method of its name: db:set("key", 1), db:hmget("key", "a", "b"), or with a list as the
-- one argument. Status replies are strings, integers numbers, bulk replies strings or nil, arrays tables; an error reply raises.
--
--     local redis = require "skynet.db.redis"
--     local db = redis.connect { host = "127.0.0.1", port = 6379, auth = "password", username = "user", db = 0 }
--     db:set("greeting", "hello")
--     local replies = db:pipeline({ { "incr", "a" }, { "get", "a" } }, {}) -- of { ok =, out = }
--     local w = redis.watch { host = "127.0.0.1" }
--     w:subscribe "news"
--     local text, channel = w:message()
local socketchannel = require "skynet.socketchannel"

local redis = {}

local read_reply

local REPLY = {} -- by the first byte of a reply: f(sock, rest of the line) -> ok, value

REPLY["+"] = function(_, text) return true, text end
REPLY["-"] = function(_, text) return false, text end
REPLY[":"] = function(_, text) return true, tonumber(text) end

REPLY["$"] = function(sock, text)
	local size = tonumber(text)
	if size < 0 then
		return true, nil
	end
	return true, sock:read(size + 2):sub(1, -3)
end

-- An error within an array makes the whole one an error, as in skynet.
REPLY["*"] = function(sock, text)
	local size = tonumber(text)
	if size < 0 then
		return true, nil
	end
	local all, list = true, {}
	for i = 1, size do
		local ok, value = read_reply(sock)
		all, list[i] = all and ok, value
	end
	return all, list
end

function read_reply(sock)
	local line = sock:readline "\r\n"
	local f = REPLY[line:sub(1, 1)] or error("redis: a strange reply: " .. line)
	return f(sock, line:sub(2))
end

local function append_command(out, words, n)
	out[#out + 1] = ("*%d\r\n"):format(n)
	for i = 1, n do
		local word = tostring(words[i])
		out[#out + 1] = ("$%d\r\n"):format(#word)
		out[#out + 1] = word
		out[#out + 1] = "\r\n"
	end
end

-- The text of a command whose arguments are a list, or what follows.
local function compose(name, first, ...)
	local out, words, n = {}, nil, nil
	if type(first) == "table" then
		words = { name, table.unpack(first) }
		n = #first + 1
	else
		words = { name, first, ... }
		n = select("#", ...) + (first == nil and select("#", ...) == 0 and 1 or 2)
	end
	append_command(out, words, n)
	return table.concat(out)
end

-- Returns the function that logs in on a new connection, or nil when there is nothing to say.
local function login(conf, more)
	local auth, username, db = conf.auth, conf.username, conf.db
	if auth == nil and db == nil and more == nil then
		return nil
	end
	return function(channel)
		if auth ~= nil then
			channel:request(username and compose("AUTH", username, auth) or compose("AUTH", auth), read_reply)
		end
		if db ~= nil then
			channel:request(compose("SELECT", db), read_reply)
		end
		if more then
			more(channel)
		end
	end
end

local function open(conf, auth)
	local channel = socketchannel.channel {
		host = conf.host or "127.0.0.1",
		port = conf.port or 6379,
		auth = auth,
		nodelay = true,
		overload = conf.overload,
		backup = conf.backup, -- a list of { host =, port = } to try when the first doesn't answer
	}
	channel:connect(true) -- an error now, not at the first command
	return channel
end

-- A method is made when a command is first used.
local command = setmetatable({}, {
	__index = function(t, name)
		local upper = name:upper()
		local function f(self, ...)
			return self[1]:request(compose(upper, ...), read_reply)
		end
		rawset(t, name, f)
		return f
	end,
})
local db_meta = { __index = command }

function redis.connect(conf)
	return setmetatable({ open(conf, login(conf)) }, db_meta)
end

function command:disconnect()
	self[1]:close()
	setmetatable(self, nil)
end

local function read_boolean(sock)
	local ok, value = read_reply(sock)
	if ok then
		value = value ~= 0
	end
	return ok, value
end

function command:exists(...)
	return self[1]:request(compose("EXISTS", ...), read_boolean)
end

function command:sismember(...)
	return self[1]:request(compose("SISMEMBER", ...), read_boolean)
end

-- Sends several commands, each a list, at once. Fills the table replies with { ok =, out = } for each and returns it; without
-- one, returns the last reply.
function command:pipeline(commands, replies)
	assert(commands and #commands > 0, "pipeline is null")
	local out = {}
	for _, words in ipairs(commands) do
		append_command(out, words, #words)
	end
	return self[1]:request(table.concat(out), function(sock)
		local ok, value
		for _ = 1, #commands do
			ok, value = read_reply(sock)
			if replies then
				replies[#replies + 1] = { ok = ok, out = value }
			end
		end
		if replies then
			return true, replies
		end
		return ok, value
	end)
end

local watch = {}
local watch_meta = { __index = watch }

-- Opens a connection that messages are published to; what was subscribed is subscribed again when it was lost.
function redis.watch(conf)
	local self = { __subscribed = {}, __psubscribed = {} }
	local function again(channel)
		for name in pairs(self.__psubscribed) do
			channel:request(compose("PSUBSCRIBE", name))
		end
		for name in pairs(self.__subscribed) do
			channel:request(compose("SUBSCRIBE", name))
		end
	end
	self.__sock = open(conf, login(conf, again))
	return setmetatable(self, watch_meta)
end

function watch:disconnect()
	self.__sock:close()
	setmetatable(self, nil)
end

for _, name in ipairs { "subscribe", "psubscribe", "unsubscribe", "punsubscribe" } do
	watch[name] = function(self, ...)
		self.__sock:request(compose(name:upper(), ...))
	end
end

-- What a connection that watches hears: f(self, words...) -> what message returns, or nothing.
local heard = {
	message = function(_, channel, data) return data, channel end,
	pmessage = function(_, pattern, channel, data) return data, channel, pattern end,
	subscribe = function(self, channel) self.__subscribed[channel] = true end,
	psubscribe = function(self, pattern) self.__psubscribed[pattern] = true end,
	unsubscribe = function(self, channel) self.__subscribed[channel or false] = nil end,
	punsubscribe = function(self, pattern) self.__psubscribed[pattern or false] = nil end,
}

-- Waits for a message; raises an error when the connection is lost, and can be called again. Returns it, its channel, and the pattern by which that was subscribed, if it was one.
function watch:message()
	while true do
		local words = self.__sock:response(read_reply)
		local f = heard[words[1]]
		if f then
			local data, channel, pattern = f(self, table.unpack(words, 2, 4))
			if channel then
				return data, channel, pattern
			end
		end
	end
end

return redis
