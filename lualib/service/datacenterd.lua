-- Keeps the tree of skynet.datacenter.
local skynet = require "skynet"

local root = {}
local waiting = {} -- a tree of the same shape: { responses = list, children = { key = node } }

local command = {}

local function find(value, ...)
	for i = 1, select("#", ...) do
		local key = select(i, ...)
		if value == nil or key == nil then
			return value
		end
		value = value[key]
	end
	return value
end

function command.QUERY(...)
	if select("#", ...) > 0 then
		return find(root, ...)
	end
end

-- Answers those who wait for a value at a node, or below it.
local function arrive(node, value)
	for _, respond in ipairs(node.responses or {}) do
		respond(true, value)
	end
	node.responses = nil
	for key, child in pairs(node.children or {}) do
		if type(value) == "table" and value[key] ~= nil then
			node.children[key] = nil
			arrive(child, value[key])
		end
	end
end

-- Answers those who wait for a value on the path; those who wait for one that turns out to be a branch get an error.
local function wake(value, path)
	local node, parent = waiting, nil
	for i, key in ipairs(path) do
		if i > 1 then
			for _, respond in ipairs(node.responses or {}) do
				respond(false)
			end
			node.responses = nil
		end
		parent, node = node, node.children and node.children[key]
		if not node then
			return
		end
	end
	arrive(node, value)
	if not (node.children and next(node.children)) then
		parent.children[path[#path]] = nil
	end
end

function command.UPDATE(...)
	local n = select("#", ...)
	assert(n >= 2, "datacenter.set needs a key and a value")
	local path, value = { ... }, (select(n, ...))
	path[n] = nil
	local branch = root
	for i = 1, n - 2 do
		local key = path[i]
		if branch[key] == nil then
			branch[key] = {}
		end
		branch = branch[key]
	end
	local old = branch[path[n - 1]]
	branch[path[n - 1]] = value
	if old == nil and value ~= nil then
		wake(value, path)
	end
	return old
end

local function wait(...)
	local node = waiting
	for _, key in ipairs { ... } do
		node.children = node.children or {}
		node.children[key] = node.children[key] or {}
		node = node.children[key]
	end
	node.responses = node.responses or {}
	table.insert(node.responses, skynet.response())
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		if cmd ~= "WAIT" then
			local f = assert(command[cmd])
			return skynet.ret(skynet.pack(f(...)))
		end
		local value = command.QUERY(...)
		if value ~= nil then
			skynet.ret(skynet.pack(value))
		else
			wait(...)
		end
	end)
end)
