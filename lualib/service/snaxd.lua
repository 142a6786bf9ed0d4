-- Runs a snax service: the script named by its argument.
local skynet = require "skynet"
local profile = require "skynet.profile"
local snax = require "skynet.snax"
local snax_interface = require "snax.interface"

local name = tostring(...)
local loader_file = skynet.getenv "snax_loader"
local loader = loader_file and assert(dofile(loader_file))
local methods, template = snax_interface(name, _ENV, loader)
local folder = template:sub(1, template:find("?", 1, true) - 1) .. name .. "/"
package.path = folder .. "?.lua;" .. package.path

SERVICE_NAME = name
SERVICE_PATH = folder

local stat = {} -- calls and seconds by method

local function count(method_name, seconds)
	local s = stat[method_name]
	if not s then
		s = { count = 0, time = 0 }
		stat[method_name] = s
	end
	s.count = s.count + 1
	s.time = s.time + seconds
end

local function respond(f, ...)
	return skynet.ret(skynet.pack(f(...)))
end

local function run(method, ...)
	local kind, method_name, f = method[2], method[3], method[4]
	profile.start()
	local ok, err
	if kind == "accept" then
		ok, err = xpcall(f, debug.traceback, ...)
	else
		ok, err = xpcall(respond, debug.traceback, f, ...)
	end
	count(method_name, profile.stop())
	assert(ok, err)
end

local ready = false
local system = {}

function system.init(f, ...)
	assert(not ready, "Already init")
	if f then
		f(...)
	end
	skynet.ret()
	skynet.info_func(function() return stat end)
	ready = true
end

function system.exit(f, ...)
	assert(ready, "Never init")
	if f then
		f(...)
	end
	skynet.ret()
	ready = false
	skynet.exit()
end

function system.hotfix(_, ...)
	skynet.ret(skynet.pack(require "snax.hotfix"(methods, ...)))
end

function system.profile()
	skynet.ret(skynet.pack(stat))
end

local function dispatch(_, _, number, ...)
	local method = methods[number]
	if method[2] == "system" then
		return system[method[3]](method[4], ...)
	end
	assert(ready, "Init first")
	run(method, ...)
end

skynet.start(function()
	skynet.dispatch("snax", dispatch)

	-- Lets other nodes call the service through a cluster.
	function snax.enablecluster()
		skynet.dispatch("lua", dispatch)
	end
end)
