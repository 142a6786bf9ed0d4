-- Tables with a schema of sproto, shared with services that read them: a writer commits versions, readers update to the last.
local stm = require "skynet.stm"
local sprotoloader = require "sprotoloader"

local sharemap = {}

local schema

function sharemap.register(file)
	sprotoloader.register(file, 0)
end

local function proto()
	schema = schema or sprotoloader.load(0)
	return schema
end

local Writer = {}
Writer.__index = Writer

-- A map of a type of the schema, filled with the fields of obj.
function sharemap.writer(typename, obj)
	obj = obj or {}
	obj.__typename, obj.__stm = nil, nil
	local shared = stm.new(proto():encode(typename, obj))
	return setmetatable({ __typename = typename, __obj = obj, __stm = shared }, {
		__index = function(_, k)
			return Writer[k] or obj[k]
		end,
		__newindex = obj,
		__pairs = function() return pairs(obj) end,
	})
end

-- Makes what was written visible to readers.
function Writer:commit()
	self.__stm(proto():encode(rawget(self, "__typename"), rawget(self, "__obj")))
end

-- What a reader is made of; it may be sent to other services.
function Writer:copy()
	return stm.copy(rawget(self, "__stm"))
end

local function decode(data, typename, obj)
	for k, v in pairs(proto():decode(typename, data)) do
		obj[k] = v
	end
	return true
end

local Reader = {}

-- The map of a writer's copy. reader:update() takes the last version over and tells whether it is a new one.
function sharemap.reader(typename, copy)
	local shared = stm.newcopy(copy)
	local obj = {}
	local reader = setmetatable({}, {
		__index = function(_, k)
			if k == "update" then
				return Reader.update
			end
			return obj[k]
		end,
		__pairs = function() return pairs(obj) end,
	})
	rawset(reader, "__refresh", function()
		return (shared(function(data)
			for k in pairs(obj) do
				obj[k] = nil
			end
			return decode(data, typename, obj)
		end))
	end)
	reader:update()
	return reader
end

function Reader:update()
	return rawget(self, "__refresh")()
end

return sharemap
