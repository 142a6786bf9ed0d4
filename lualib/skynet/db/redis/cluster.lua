-- A client of a redis cluster. Commands are methods, as in skynet.db.redis; each goes to the node that has its key.
--
--     local cluster = require "skynet.db.redis.cluster"
--     local db = cluster.new({ { host = "127.0.0.1", port = 7000 }, { host = "127.0.0.1", port = 7001 } },
--         { auth = "password", read_slave = true }, function(text, channel, pattern) print(channel, text) end)
--     db:set("greeting", "hello")
--     db:subscribe "news" -- messages come to the function
--
-- Keys with the same text in {braces} are on one node: commands with several keys need that. Transactions (MULTI, WATCH) aren't
-- for a cluster, whose connections tasks share; scripts (EVAL) do the same.
local skynet = require "skynet"
local redis = require "skynet.db.redis"
local crc16 = require "skynet.db.redis.crc16"

local SLOTS = 16384
local MAX_TRIES = 16 -- of a command, that nodes send elsewhere
local PAUSE = 10 -- hundredths of a second, before a node that doesn't answer is asked again
local MAX_CONNECTIONS = 16

local cluster = {}
local meta = {}

meta.__index = function(self, name)
	local f = cluster[name]
	if not f then
		f = function(db, ...)
			return db:call(name, ...)
		end
		rawset(self, name, f)
	end
	return f
end

-- nodes: a list of { host =, port = }, some of the cluster's. options: auth, username, max_connections (16), and read_slave, which
-- sends commands that only read to replicas. onmessage(text, channel, pattern) gets what is published.
function cluster.new(nodes, options, onmessage)
	options = options or {}
	local self = setmetatable({
		startup_nodes = nodes,
		max_connections = options.max_connections or MAX_CONNECTIONS,
		opt = options,
		onmessage = onmessage or false,
		connections = {}, -- by "host:port"
		used = {}, -- when each was used last
		uses = 0,
		slots = {}, -- { master, replicas... } by slot
		nodes = {},
		refresh_table_asap = false,
		watcher = false,
	}, meta)
	self:initialize_slots_cache()
	return self
end

local function name_of(node)
	return ("%s:%d"):format(node.host, node.port)
end

-- The part of a key that tells its slot: what is in its first braces, if there is something.
local function tagged(key)
	local open = key:find("{", 1, true)
	local close = open and key:find("}", open + 1, true)
	if close and close > open + 1 then
		return key:sub(open + 1, close - 1)
	end
	return key
end

function cluster:keyslot(key)
	return crc16(tagged(tostring(key))) % SLOTS
end

-- Connections.

local function is_open(connection)
	return getmetatable(connection) ~= nil -- else somebody has called disconnect
end

local function drop(self, name)
	local connection = self.connections[name]
	self.connections[name], self.used[name] = nil, nil
	if connection and is_open(connection) then
		connection:disconnect()
	end
end

local function make_room(self)
	local oldest, n = nil, 0
	for name in pairs(self.connections) do
		n = n + 1
		if not oldest or self.used[name] < self.used[oldest] then
			oldest = name
		end
	end
	if n >= self.max_connections then
		drop(self, oldest)
	end
end

local function connect(self, node)
	local connection = redis.connect { host = node.host, port = node.port, auth = self.opt.auth, username = self.opt.username }
	if self.opt.read_slave then
		connection:readonly() -- lets replicas answer; to others it means nothing
	end
	return connection
end

local function connection_to(self, node)
	local name = name_of(node)
	local connection = self.connections[name]
	if not connection or not is_open(connection) then
		make_room(self)
		connection = connect(self, node)
		if self.connections[name] and is_open(self.connections[name]) then
			connection:disconnect() -- another task was faster
			connection = self.connections[name]
		end
		self.connections[name] = connection
	end
	self.uses = self.uses + 1
	self.used[name] = self.uses
	return connection
end

function cluster:close_all_connection()
	for name in pairs(self.connections) do
		drop(self, name)
	end
	if self.watcher then
		self.watcher:disconnect()
		self.watcher = false
	end
end

-- Slots.

local function learn_slots(self, node)
	local slots, nodes, seen = {}, {}, {}
	for _, range in ipairs(connection_to(self, node):cluster "slots") do
		local owners = {}
		for i = 3, #range do
			local host = range[i][1]
			local owner = { host = host ~= "" and host or node.host, port = range[i][2], slave = i > 3 }
			owners[#owners + 1] = owner
			if not seen[name_of(owner)] then
				seen[name_of(owner)] = true
				nodes[#nodes + 1] = owner
			end
		end
		for slot = range[1], range[2] do
			slots[slot] = owners
		end
	end
	self.slots, self.nodes, self.refresh_table_asap = slots, nodes, false
end

-- Asks the nodes for who has which slots, until one answers.
function cluster:initialize_slots_cache()
	local problem
	for _, list in ipairs { self.nodes, self.startup_nodes } do
		for _, node in ipairs(list) do
			local ok, err = pcall(learn_slots, self, node)
			if ok and #self.nodes > 0 then
				return
			end
			problem = ok and name_of(node) .. " knows no slots" or err
			drop(self, name_of(node))
		end
	end
	error("redis cluster: no node answers: " .. tostring(problem), 0)
end

-- Forgets who has which slots.
function cluster:flush_slots_cache()
	self.slots = {}
end

-- Where the key of a command is.

local function words(...)
	local set = {}
	for word in table.concat({ ... }, " "):gmatch "%S+" do
		set[word] = true
	end
	return set
end

local NO_KEY = words("ping echo time info dbsize keys scan randomkey flushall flushdb script function publish spublish pubsub",
	"cluster config client command latency slowlog lastsave bgsave save shutdown role wait acl module memory debug")
local SECOND_IS_KEY = words "object xinfo xgroup bitop"
local COUNTED = { eval = 3, evalsha = 3, eval_ro = 3, evalsha_ro = 3, fcall = 3, fcall_ro = 3, zunion = 2, zinter = 2, zdiff = 2, lmpop = 2, zmpop = 2, blmpop = 3, bzmpop = 3 }
local TASK_BOUND = words "multi exec discard watch unwatch"
local READS = words("get mget strlen getrange substr exists type ttl pttl getbit bitcount bitpos dump object touch",
	"hget hmget hgetall hkeys hvals hlen hexists hstrlen hscan hrandfield llen lindex lrange lpos",
	"scard sismember smismember smembers srandmember sinter sunion sdiff sscan",
	"zcard zcount zlexcount zrange zrangebyscore zrevrange zrevrangebyscore zrangebylex zrevrangebylex zrank zrevrank zscore zmscore zscan",
	"zrandmember pfcount geodist geohash geopos georadius_ro georadiusbymember_ro geosearch",
	"xlen xrange xrevrange xread xpending xinfo eval_ro evalsha_ro fcall_ro sort_ro expiretime pexpiretime")

-- The first key of a command, a list of words; nothing when it has none.
function cluster:get_key_from_command(argv)
	local name = tostring(argv[1]):lower()
	if NO_KEY[name] then
		return nil
	elseif COUNTED[name] then -- a number of keys, then these
		local at = COUNTED[name]
		return (tonumber(argv[at]) or 0) > 0 and argv[at + 1] or nil
	elseif SECOND_IS_KEY[name] then
		return argv[3]
	elseif name == "xread" or name == "xreadgroup" then
		for i = 2, #argv do
			if tostring(argv[i]):lower() == "streams" then
				return argv[i + 1]
			end
		end
	end
	return argv[2]
end

local function any_node(self)
	local list = #self.nodes > 0 and self.nodes or self.startup_nodes
	return list[math.random(#list)]
end

local function any_master(self)
	for _ = 1, #self.nodes do
		local node = any_node(self)
		if not node.slave then
			return node
		end
	end
	for _, node in ipairs(self.nodes) do
		if not node.slave then
			return node
		end
	end
	return any_node(self)
end

local function node_for(self, argv)
	local key = self:get_key_from_command(argv)
	local owners = key ~= nil and self.slots[self:keyslot(key)]
	if not owners then
		return any_master(self)
	end
	if self.opt.read_slave and #owners > 1 and READS[tostring(argv[1]):lower()] then
		return owners[math.random(2, #owners)]
	end
	return owners[1]
end

-- "MOVED 3999 127.0.0.1:6381" and "ASK ..." tell another node, for ever or for once.
local function redirection(err, from)
	if type(err) ~= "string" then
		return nil
	end
	local kind, slot, host, port = err:match "^(%u+) (%d+) (.*):(%d+)$"
	if kind == "MOVED" or kind == "ASK" then
		return kind, tonumber(slot), { host = host ~= "" and host or from.host, port = tonumber(port) }
	end
end

local function is_command_error(err)
	return type(err) == "string" and not err:find("^CLUSTERDOWN") and not err:find("^TRYAGAIN") and not err:find("^LOADING")
end

local function ask_for_once(connection, argv)
	local replies = connection:pipeline({ { "ASKING" }, argv }, {})
	if not replies[2].ok then
		error(replies[2].out, 0)
	end
	return replies[2].out
end

local function flatten(name, first, ...)
	if type(first) == "table" then
		return { name, table.unpack(first) }
	end
	return { name, first, ... }
end

-- Runs a command: db:call("get", key) is db:get(key).
function cluster:call(name, ...)
	local argv = flatten(name, ...)
	assert(not TASK_BOUND[name:lower()], name .. " is not for a cluster, whose connections tasks share: use eval")
	local target, asking, problem
	for try = 1, MAX_TRIES do
		if self.refresh_table_asap then
			self:initialize_slots_cache()
		end
		local node = target or node_for(self, argv)
		local ok, result = pcall(function()
			local connection = connection_to(self, node)
			if asking then
				return ask_for_once(connection, argv)
			end
			return connection[name](connection, table.unpack(argv, 2, math.max(#argv, 1)))
		end)
		if ok then
			return result
		end
		local kind, slot, other = redirection(result, node)
		problem, target, asking = result, other, kind == "ASK"
		if kind == "MOVED" then
			self.slots[slot] = { other }
			self.refresh_table_asap = true
			target = nil
		elseif not kind then
			if is_command_error(result) then
				error(result, 0)
			end
			drop(self, name_of(node)) -- it doesn't answer, or the cluster is changing
			self.refresh_table_asap = true
			skynet.sleep(PAUSE * math.min(try, 5))
		end
	end
	error("redis cluster: given up after " .. MAX_TRIES .. " tries: " .. tostring(problem), 0)
end

-- Sends several commands, each a list, at once to each node. Fills the table replies with { ok =, out = } for each, in their order,
-- and returns it; without one, returns the last reply.
function cluster:pipeline(commands, replies)
	assert(commands and #commands > 0, "pipeline is null")
	local results, groups = {}, {}
	for i, argv in ipairs(commands) do
		local node = node_for(self, argv)
		local group = groups[name_of(node)] or { node = node, commands = {}, places = {} }
		groups[name_of(node)] = group
		group.commands[#group.commands + 1], group.places[#group.places + 1] = argv, i
	end
	for _, group in pairs(groups) do
		local ok, list = pcall(function()
			return connection_to(self, group.node):pipeline(group.commands, {})
		end)
		if not ok then
			if is_command_error(list) then
				error(list, 0)
			end
			error("redis cluster: the connection was lost during a pipeline: " .. tostring(list), 0)
		end
		for i, place in ipairs(group.places) do
			local reply = list[i]
			if not reply.ok and redirection(reply.out, group.node) then
				local done, out = pcall(self.call, self, table.unpack(group.commands[i]))
				reply = { ok = done, out = out }
			end
			results[place] = reply
		end
	end
	if not replies then
		local last = results[#results]
		if not last.ok then
			error(last.out, 0)
		end
		return last.out
	end
	for _, reply in ipairs(results) do
		replies[#replies + 1] = reply
	end
	return replies
end

-- Publishing and subscribing: whatever node is told, all of the cluster hear it.

local function listen(self, watcher)
	while self.watcher == watcher do
		local ok, text, channel, pattern = pcall(watcher.message, watcher)
		if self.watcher ~= watcher then
			return
		elseif not ok then
			skynet.sleep(PAUSE)
		elseif self.onmessage then
			local fine, problem = pcall(self.onmessage, text, channel, pattern)
			if not fine then
				skynet.error("redis cluster: onmessage: " .. tostring(problem))
			end
		end
	end
end

local function watcher_of(self)
	if not self.watcher then
		local node = any_node(self)
		local watcher = redis.watch { host = node.host, port = node.port, auth = self.opt.auth, username = self.opt.username, backup = self.nodes }
		self.watcher = watcher
		skynet.fork(listen, self, watcher)
	end
	return self.watcher
end

for _, name in ipairs { "subscribe", "psubscribe", "unsubscribe", "punsubscribe" } do
	cluster[name] = function(self, ...)
		local watcher = watcher_of(self)
		watcher[name](watcher, ...)
	end
end

return cluster
