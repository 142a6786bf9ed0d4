-- sproto: tables to bytes and back by a schema, and requests with their responses.
local core = require "sproto.core"

local sproto = {}
sproto.pack = core.pack
sproto.unpack = core.unpack

local Sproto = {}
Sproto.__index = Sproto

local function wrap(schema)
	return setmetatable({ __cobj = schema, types = {}, protocols = {} }, Sproto)
end

-- The object of a schema in binary form.
function sproto.new(binary)
	return wrap((assert(core.newproto(binary), "invalid sproto schema")))
end

-- The object of a schema that core.loadproto gave.
function sproto.sharenew(schema)
	return wrap(schema)
end

-- The object of a schema in its language.
function sproto.parse(text)
	return sproto.new(require "sprotoparser".parse(text))
end

local function type_of(self, name)
	local t = self.types[name]
	if not t then
		t = core.querytype(self.__cobj, name)
		if not t then
			error(name .. " not found")
		end
		self.types[name] = t
	end
	return t
end

local function protocol_of(self, name)
	local p = self.protocols[name]
	if not p then
		local other, request, response = core.protocol(self.__cobj, name)
		assert(other, tostring(name) .. " not found")
		p = { request = request, response = response, confirm = response == true }
		if p.confirm then
			p.response = nil
		end
		if type(name) == "number" then
			p.name, p.tag = other, name
		else
			p.name, p.tag = name, other
		end
		self.protocols[p.name], self.protocols[p.tag] = p, p
	end
	return p
end

function Sproto:exist_type(name)
	return core.querytype(self.__cobj, name) ~= nil
end

function Sproto:exist_proto(name)
	return core.protocol(self.__cobj, name) ~= nil
end

function Sproto:queryproto(name)
	return protocol_of(self, name)
end

function Sproto:encode(name, t)
	return core.encode(type_of(self, name), t)
end

function Sproto:decode(name, ...)
	return (core.decode(type_of(self, name), ...))
end

function Sproto:pencode(name, t)
	return core.pack(core.encode(type_of(self, name), t))
end

function Sproto:pdecode(name, ...)
	return (core.decode(type_of(self, name), core.unpack(...)))
end

function Sproto:request_encode(name, t)
	local p = protocol_of(self, name)
	return p.request and core.encode(p.request, t) or "", p.tag
end

function Sproto:response_encode(name, t)
	local p = protocol_of(self, name)
	return p.response and core.encode(p.response, t) or ""
end

function Sproto:request_decode(name, ...)
	local p = protocol_of(self, name)
	return p.request and (core.decode(p.request, ...)) or nil, p.name
end

function Sproto:response_decode(name, ...)
	local p = protocol_of(self, name)
	return p.response and (core.decode(p.response, ...)) or nil
end

-- A table of the values that fields have when nobody sets them. kind is nil for a type, or "REQUEST" or "RESPONSE".
function Sproto:default(name, kind)
	if kind == nil then
		return core.default(type_of(self, name))
	end
	local p = protocol_of(self, name)
	if kind == "REQUEST" then
		return p.request and core.default(p.request)
	elseif kind == "RESPONSE" then
		return p.response and core.default(p.response)
	end
	error "Invalid type"
end

local Host = {}
Host.__index = Host

-- The end of a connection that understands the requests of this schema. package_type, "package" by default, is the type of
-- the header of each message: type 0 : integer, session 1 : integer, and what else the script sends along as ud.
function Sproto:host(package_type)
	return setmetatable({
		__proto = self,
		header = assert(core.querytype(self.__cobj, package_type or "package"), "type package not found"),
		sessions = {}, -- the types of the responses that are to come, or true
	}, Host)
end

local function responder(self, response, session)
	return function(args, ud)
		local header = core.encode(self.header, { session = session, ud = ud })
		return core.pack(response and header .. core.encode(response, args) or header)
	end
end

-- Takes a message apart: "REQUEST", name, args, respond(args, ud), ud; or "RESPONSE", session, args, ud.
function Host:dispatch(...)
	local bytes = core.unpack(...)
	local header, size = core.decode(self.header, bytes)
	local body = bytes:sub(size + 1)
	if header.type then
		local p = protocol_of(self.__proto, header.type)
		local args = p.request and core.decode(p.request, body) or nil
		return "REQUEST", p.name, args, header.session and responder(self, p.response, header.session), header.ud
	end
	local session = assert(header.session, "session not found")
	local response = assert(self.sessions[session], "Unknown session")
	self.sessions[session] = nil
	if response == true then
		return "RESPONSE", session, nil, header.ud
	end
	return "RESPONSE", session, (core.decode(response, body)), header.ud
end

-- A function(name, args, session, ud) that makes the bytes of a request of the schema sp.
function Host:attach(sp)
	return function(name, args, session, ud)
		local p = protocol_of(sp, name)
		local header = core.encode(self.header, { type = p.tag, session = session, ud = ud })
		if session then
			self.sessions[session] = p.response or true
		end
		if p.request and args then
			return core.pack(header .. core.encode(p.request, args))
		end
		return core.pack(header)
	end
end

return sproto
