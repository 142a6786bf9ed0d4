-- Keeps the services of skynet.service by name.
local skynet = require "skynet"
require "skynet.manager"

local provider = {}

local NO_ANSWER = {}

local services = {} -- { address = handle, booting = true, waiting = responses, error = text, time = start }

local function entry_of(name)
	local entry = services[name]
	if not entry then
		entry = { waiting = {} }
		services[name] = entry
	end
	return entry
end

local function answer(entry, ...)
	local waiting = entry.waiting
	entry.waiting = {}
	for _, respond in ipairs(waiting) do
		respond(...)
	end
end

function provider.query(name)
	local entry = entry_of(name)
	if entry.address then
		return entry.address
	elseif entry.error then
		error(entry.error)
	end
	table.insert(entry.waiting, skynet.response())
	return NO_ANSWER
end

-- The handle of a service; else nil, and whether it is being started.
function provider.test(name)
	local entry = services[name]
	if not entry then
		return nil
	elseif entry.booting then
		return nil, true
	elseif entry.address then
		return entry.address
	elseif entry.error then
		error(entry.error)
	end
end

function provider.launch(name, code, ...)
	local entry = entry_of(name)
	if entry.address then
		return entry.address
	elseif entry.booting then
		table.insert(entry.waiting, skynet.response())
		return NO_ANSWER
	end
	entry.booting, entry.error, entry.time = true, nil, skynet.time()
	local cell
	local ok, err = pcall(function(...)
		cell = skynet.newservice("service_cell", name)
		skynet.call(cell, "lua", "init", code, ...)
		entry.address = cell
	end, ...)
	entry.booting = nil
	if not ok then
		entry.error = err
		if cell then
			skynet.send(cell, "debug", "EXIT")
		end
		answer(entry, false)
		error(err)
	end
	answer(entry, true, entry.address)
	return entry.address
end

function provider.close(name)
	local entry = services[name]
	if entry and entry.address then
		services[name] = nil
		return entry.address
	end
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(provider[cmd], cmd)
		local first, second = f(...)
		if first ~= NO_ANSWER then
			skynet.ret(skynet.pack(first, second))
		end
	end)
	skynet.info_func(function()
		local info = {}
		for name, entry in pairs(services) do
			if entry.address then
				info[skynet.address(entry.address)] = name
			elseif entry.error then
				info[name] = { error = entry.error, query = #entry.waiting }
			else
				info[name] = { booting = entry.booting, time = entry.time, query = #entry.waiting }
			end
		end
		return info
	end)
end)
