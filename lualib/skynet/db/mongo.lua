-- A client of MongoDB 3.6 and later (messages of the kind OP_MSG). Documents are tables, as the module bson has them.
--
--     local mongo = require "skynet.db.mongo"
--     local client = mongo.client { host = "127.0.0.1", port = 27017, username = "me", password = "secret", authdb = "admin" }
--     local people = client.shop.people -- the collection people of the database shop
--     people:safe_insert { name = "Ann", age = 30 } -- ok, error, reply; insert waits for no answer
--     people:safe_update({ name = "Ann" }, { ["$set"] = { age = 31 } }, true) -- upsert
--     local ann = people:findOne { name = "Ann" }
--     for _, p in people:find({ age = { ["$gt"] = 17 } }):sort({ age = -1 }):limit(10):each() do print(p.name) end
--
-- mongo.client { rs = { { host =, port = } ... } } finds the primary of a replica set, also when it changes.
local bson = require "bson"
local crypt = require "skynet.crypt"
local driver = require "skynet.mongo.driver"
local socketchannel = require "skynet.socketchannel"

local encode, encode_order, decode = bson.encode, bson.encode_order, bson.decode
local empty = encode {}

local mongo = {}

local client, client_meta = {}, {}
local db, db_meta = {}, {}
local collection, collection_meta = {}, {}
local cursor, cursor_meta = {}, {}
local MORE_TO_COME = 2 -- flag of a message that asks for no answer

client_meta.__index = function(self, name)
	return rawget(client, name) or self:getDB(name)
end

db_meta.__index = function(self, name)
	return rawget(db, name) or self:getCollection(name)
end

collection_meta.__index = function(self, name)
	return rawget(collection, name) or self:getCollection(name)
end

cursor_meta.__index = cursor

local function show(kind, name)
	return function(self) return ("[mongo %s : %s]"):format(kind, self[name]) end
end
db_meta.__tostring = show("db", "name")
collection_meta.__tostring = show("collection", "full_name")

function client_meta:__tostring()
	return ("[mongo client : %s:%d]"):format(self.host, self.port)
end

-- Connecting.

local function parse_address(text)
	local host, port = text:match "^%[?(.-)%]?:(%d+)$"
	return host or text, tonumber(port) or 27017
end

-- Reads an answer: the number of its request, whether it is one, and its document.
local function read_answer(sock)
	local message = sock:read(driver.length(sock:read(4)))
	local ok, id, document = driver.reply(message)
	if not ok then
		error "mongo: a message that is no answer"
	end
	return id, true, document
end

-- Logging in by SCRAM (RFC 5802). The client's nonce is proven by the server with a signature.
local SCRAM = { scram_sha1 = { "SCRAM-SHA-1", "sha1" }, scram_sha256 = { "SCRAM-SHA-256", "sha256" } }

local function saslname(user)
	return (user:gsub("=", "=3D"):gsub(",", "=2C"))
end

local function payload(reply)
	if reply.ok ~= 1 then
		error("mongo: login: " .. tostring(reply.errmsg), 0)
	end
	local _, text = bson.type(reply.payload)
	return text
end

local function field(text, name)
	return ("," .. text):match("," .. name .. "=([^,]*)") or error("mongo: login: the server's message has no " .. name, 0)
end

local function login(database, user, password, mechanism)
	local method = mechanism[2]
	if method == "sha1" then
		password = crypt.hexencode(require("md5").sum(user .. ":mongo:" .. password))
	end
	local nonce = crypt.base64encode(crypt.randomkey() .. crypt.randomkey() .. crypt.randomkey())
	local bare = "n=" .. saslname(user) .. ",r=" .. nonce
	local reply = database:runCommand("saslStart", 1, "mechanism", mechanism[1], "payload", bson.binary("n,," .. bare))
	local first = payload(reply)
	local both = field(first, "r")
	assert(both:sub(1, #nonce) == nonce and #both > #nonce, "mongo: login: the server's nonce does not go on from the client's")
	local key = driver.salted(method, password, crypt.base64decode(field(first, "s")), tonumber(field(first, "i")) or 0)
	local last = "c=biws,r=" .. both
	local signed = bare .. "," .. first .. "," .. last
	local client_key = driver.hmac(method, key, "Client Key")
	local proof = crypt.xor_str(client_key, driver.hmac(method, driver.hash(method, client_key), signed))
	reply = database:runCommand("saslContinue", 1, "conversationId", reply.conversationId, "payload", bson.binary(last .. ",p=" .. crypt.base64encode(proof)))
	local signature = crypt.base64encode(driver.hmac(method, driver.hmac(method, key, "Server Key"), signed))
	assert(field(payload(reply), "v") == signature, "mongo: login: the server does not know the password")
	while not reply.done do
		reply = database:runCommand("saslContinue", 1, "conversationId", reply.conversationId, "payload", bson.binary "")
		payload(reply)
	end
end

local function mechanism_of(name)
	name = name or "scram_sha1"
	return SCRAM[name] or error("mongo: unknown authmod " .. tostring(name) .. ": want scram_sha1 or scram_sha256")
end

-- Goes on at the primary of a replica set.
local function find_primary(self)
	local reply = self:runCommand "ismaster"
	if reply.ok ~= 1 or not reply.hosts then
		return
	end
	local others = {}
	for i, address in ipairs(reply.hosts) do
		local host, port = parse_address(address)
		others[i] = { host = host, port = port }
	end
	self.__sock:changebackup(others)
	if reply.ismaster then
		return
	end
	if not reply.primary then
		error("mongo: the replica set has no primary, says " .. tostring(reply.me), 0)
	end
	self.host, self.port = parse_address(reply.primary)
	self.__sock:changehost(self.host, self.port)
end

local function prepare(self, conf)
	return function()
		if conf.username ~= nil and conf.password ~= nil then
			login(self:getDB(conf.authdb or "admin"), conf.username, conf.password, mechanism_of(conf.authmod))
		end
		find_primary(self)
	end
end

-- Connects, and logs in if there is a username: host, port, or rs, a list of them; username, password, authdb ("admin"), authmod
-- ("scram_sha1", "scram_sha256"); overload(on). It is an error when that fails.
function mongo.client(conf)
	local first = conf.rs and conf.rs[1] or conf
	mechanism_of(conf.authmod)
	local self = setmetatable({ host = first.host or "127.0.0.1", port = first.port or 27017, __id = 0 }, client_meta)
	self.__sock = socketchannel.channel {
		host = self.host,
		port = self.port,
		response = read_answer,
		auth = prepare(self, conf),
		backup = conf.rs,
		nodelay = true,
		overload = conf.overload,
	}
	self.__sock:connect(true)
	return self
end

function client:getDB(name)
	local known = rawget(self, name)
	if getmetatable(known) == db_meta then
		return known
	end
	local self_db = setmetatable({ connection = self, name = name, full_name = name, database = false }, db_meta)
	self_db.database = self_db
	rawset(self, name, self_db)
	return self_db
end

function client:disconnect()
	local sock = rawget(self, "__sock")
	if sock then
		rawset(self, "__sock", false)
		sock:close()
	end
end

function client:genId()
	local id = self.__id % 0x7fffffff + 1
	self.__id = id
	return id
end

function client:runCommand(...)
	return self:getDB("admin"):runCommand(...)
end

-- Logging out of MongoDB is ending the connection, since 5.0.
function client:logout()
	return self:runCommand "logout"
end

-- Databases.

-- A command's document, and what belongs to it alone. Arguments with a nil value are left out.
local function command(self, name, value, ...)
	local fields = { name, value == nil and 1 or value }
	for i = 1, select("#", ...), 2 do
		local key, v = select(i, ...)
		if v ~= nil then
			fields[#fields + 1], fields[#fields + 2] = key, v
		end
	end
	fields[#fields + 1], fields[#fields + 2] = "$db", self.name
	return encode_order(table.unpack(fields))
end

local function channel_of(self)
	return rawget(self.connection, "__sock") or error("mongo: the client has disconnected", 3)
end

-- Asks for what a command does: its name, its value (1 for nil), more fields. Returns the answer, whose ok is 1 or 0.
function db:runCommand(name, value, ...)
	local id = self.connection:genId()
	local message = driver.op_msg(id, 0, command(self, name, value, ...))
	return decode(channel_of(self):request(message, id))
end

-- Is runCommand without an answer.
function db:send_command(name, value, ...)
	local id = self.connection:genId()
	local document = command(self, name, value, "writeConcern", encode { w = 0 }, ...)
	channel_of(self):request(driver.op_msg(id, MORE_TO_COME, document))
	return { ok = 1 }
end

function db:auth(user, password, authmod)
	local ok, problem = pcall(login, self, user, password, mechanism_of(authmod))
	return ok, problem
end

function db:getCollection(name)
	local c = setmetatable({
		connection = self.connection, database = self.database, name = name, full_name = self.full_name .. "." .. name,
	}, collection_meta)
	rawset(self, name, c)
	return c
end

-- Collections.

function collection:getCollection(name)
	local c = self.database:getCollection(self.name .. "." .. name)
	rawset(self, name, c)
	return c
end

-- Whether a write succeeded, else why not; and the answer.
local function outcome(reply)
	if reply.ok == 1 and not reply.writeErrors and not reply.writeConcernError and not reply.errmsg then
		return true, nil, reply
	end
	local first = reply.writeErrors and reply.writeErrors[1] or reply.writeConcernError or reply
	return false, first.errmsg, reply
end

local function with_id(doc)
	if doc._id == nil then
		doc._id = bson.objectid()
	end
	return encode(doc)
end

local function each(list, f)
	local documents = {}
	for i, v in ipairs(list) do
		documents[i] = f(v)
	end
	return documents
end

local function update_of(query, update, upsert, multi)
	return encode_order("q", query, "u", update, "upsert", upsert == true, "multi", multi == true)
end

local function update_of_list(v)
	return update_of(v.query, v.update, v.upsert, v.multi)
end

local function delete_of(query, single)
	return encode_order("q", query or empty, "limit", single and 1 or 0)
end

-- Each write in two forms: one that asks for no answer, and safe_, which returns whether it succeeded, the error, and the answer.
-- statements(...) is what the command has under the given key.
local function define_write(name, command_name, key, statements)
	collection[name] = function(self, ...)
		self.database:send_command(command_name, self.name, key, statements(...))
	end
	collection["safe_" .. name] = function(self, ...)
		return outcome(self.database:runCommand(command_name, self.name, key, statements(...)))
	end
end

define_write("insert", "insert", "documents", function(doc) return { with_id(doc) } end)
define_write("batch_insert", "insert", "documents", function(docs) return each(docs, with_id) end)
define_write("update", "update", "updates", function(...) return { update_of(...) } end)
define_write("batch_update", "update", "updates", function(updates) return each(updates, update_of_list) end)
define_write("delete", "delete", "deletes", function(...) return { delete_of(...) } end)
define_write("batch_delete", "delete", "deletes", function(queries, single)
	return each(queries, function(query) return delete_of(query, single) end)
end)

-- Those whose arguments are encoded already, as the fields of a statement.
function collection:raw_safe_update(update)
	return outcome(self.database:runCommand("update", self.name, "updates", { encode(update) }))
end

function collection:raw_safe_delete(delete)
	return outcome(self.database:runCommand("delete", self.name, "deletes", { encode(delete) }))
end

-- The fields of a document, in turn, as runCommand takes them.
local function spread(options)
	local list, n = {}, 0
	for k, v in pairs(options or {}) do
		list[n + 1], list[n + 2] = k, v
		n = n + 2
	end
	return table.unpack(list, 1, n)
end

-- { query =, update = or remove =, sort =, new =, upsert =, fields = ... }: the answer's value is the document.
function collection:findAndModify(doc)
	assert(doc.query, "findAndModify: no query")
	assert(doc.update or doc.remove, "findAndModify: neither update nor remove")
	return self.database:runCommand("findAndModify", self.name, spread(doc))
end

-- An index of the keys in a list, each a name or { name = 1 or -1 }, and options by name.
local function index_of(index)
	local keys, names, doc = {}, {}, {}
	for k, v in pairs(index) do
		if type(k) == "string" then
			doc[k] = v
		end
	end
	for _, key in ipairs(index) do
		local name, direction = key, 1
		if type(key) == "table" then
			name, direction = next(key)
		end
		keys[#keys + 1], keys[#keys + 2] = name, direction
		names[#names + 1] = name .. "_" .. tostring(direction)
	end
	assert(#keys > 0, "Need keys")
	doc.name = doc.name or table.concat(names, "_")
	doc.key = encode_order(table.unpack(keys))
	return doc
end

-- createIndex({ "a", { b = -1 }, unique = true }), or createIndex({ a = 1 }, { unique = true }) for one key.
function collection:createIndex(index, options)
	if options == nil then
		return self:createIndexes(index)
	end
	assert(next(index, (next(index))) == nil, "Use new api for multi-keys")
	local doc = { index }
	for k, v in pairs(options) do
		doc[k] = v
	end
	return self:createIndexes(doc)
end
collection.ensureIndex = collection.createIndex

function collection:createIndexes(...)
	return self.database:runCommand("createIndexes", self.name, "indexes", each({ ... }, index_of))
end

function collection:drop()
	return self.database:runCommand("drop", self.name)
end

function collection:dropIndex(name)
	return self.database:runCommand("dropIndexes", self.name, "index", name)
end

-- Queries.

local function new_cursor(self, fields)
	fields.__collection = self
	return setmetatable(fields, cursor_meta)
end

-- The documents that match; all fields of them, or those of a projection.
function collection:find(query, projection)
	return new_cursor(self, { __query = query or empty, __projection = projection, __find = true })
end

function collection:findOne(query, projection)
	local c = self:find(query, projection):limit(-1)
	return c:hasNext() and c:next() or nil
end

-- What a pipeline makes of the documents. Options are fields of the command.
function collection:aggregate(pipeline, options)
	assert(pipeline, "aggregate: no pipeline")
	return new_cursor(self, { __pipeline = pipeline, __options = options })
end

local function define_setting(name, field_name)
	cursor[name] = function(self, value)
		self[field_name] = value
		return self
	end
end
define_setting("skip", "__skip")
define_setting("limit", "__limit")
define_setting("hint", "__hint")
define_setting("maxTimeMS", "__max_time")
define_setting("batchSize", "__batch")

-- sort { key = 1 }; several keys: sort({ a = 1 }, { b = -1 }).
function cursor:sort(key, more, ...)
	if more then
		local list = {}
		for _, one in ipairs { key, more, ... } do
			list[#list + 1], list[#list + 2] = next(one)
		end
		key = encode_order(table.unpack(list))
	end
	self.__sort = key
	return self
end

-- How many documents match; with_limit_and_skip: of those that the cursor returns.
function cursor:count(with_limit_and_skip)
	local c = self.__collection
	local reply = c.database:runCommand("count", c.name, "query", self.__query,
		"limit", with_limit_and_skip and self.__limit or nil, "skip", with_limit_and_skip and self.__skip or nil)
	if reply.ok ~= 1 then
		error("mongo: count: " .. tostring(reply.errmsg))
	end
	return reply.n
end

local function start(self)
	local c = self.__collection
	local batch = self.__batch
	if not self.__find then
		return c.database:runCommand("aggregate", c.name, "pipeline", self.__pipeline,
			"cursor", batch and { batchSize = batch } or empty, spread(self.__options))
	end
	local limit = self.__limit
	local single = limit and limit < 0 -- that many, and no more of them later
	return c.database:runCommand("find", c.name, "filter", self.__query, "sort", self.__sort, "projection", self.__projection,
		"hint", self.__hint, "skip", self.__skip, "limit", limit and math.abs(limit), "batchSize", batch, "singleBatch", single or nil, "maxTimeMS", self.__max_time)
end

-- Whether a cursor's number tells that there is more at the server. A large one is a string, as bson.int64 makes it.
local function is_open(id)
	return id ~= nil and id ~= 0
end

-- Gets the next documents; nothing more when there are none.
local function fetch(self)
	local reply
	if not self.__started then
		self.__started = true
		reply = start(self)
	elseif is_open(self.__id) then
		local c = self.__collection
		reply = c.database:runCommand("getMore", bson.int64(self.__id), "collection", c.name, "batchSize", self.__batch)
	else
		self.__batch_read = nil
		return
	end
	if reply.ok ~= 1 then
		self.__id, self.__batch_read = nil, nil
		error("mongo: " .. tostring(reply.errmsg or reply["$err"] or "Reply from mongod error"), 0)
	end
	self.__id = reply.cursor.id
	self.__batch_read, self.__at = reply.cursor.firstBatch or reply.cursor.nextBatch, 0
end

function cursor:hasNext()
	if not self.__started then
		fetch(self)
	end
	while self.__batch_read and self.__batch_read[self.__at + 1] == nil do
		fetch(self)
	end
	return self.__batch_read ~= nil
end

function cursor:next()
	if not self.__batch_read or self.__batch_read[self.__at + 1] == nil then
		error "Call hasNext first"
	end
	self.__at = self.__at + 1
	local doc = self.__batch_read[self.__at]
	self.__batch_read[self.__at] = false
	return doc
end

-- for i, doc in cursor:each() do
function cursor:each()
	local i = 0
	return function()
		if self:hasNext() then
			i = i + 1
			return i, self:next()
		end
	end
end

-- Has the server forget what has not been read.
function cursor:close()
	local id = self.__id
	self.__id, self.__batch_read, self.__started = nil, nil, true
	if is_open(id) then
		local c = self.__collection
		if rawget(c.connection, "__sock") then
			c.database:send_command("killCursors", c.name, "cursors", { bson.int64(id) })
		end
	end
end

return mongo
