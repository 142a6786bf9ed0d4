-- The messages of type debug: what the launcher and debug_console ask any service. It is loaded at the first of them.
local skynet = require "skynet"

local debug_module = {}

local command = {}

function command.MEM()
	skynet.ret(skynet.pack(collectgarbage "count"))
end

function command.GC()
	collectgarbage "collect"
end

function command.STAT()
	skynet.ret(skynet.pack {
		task = skynet.task(),
		mqlen = skynet.stat "mqlen",
		cpu = skynet.stat "cpu",
		message = skynet.stat "message",
	})
end

function command.KILLTASK(thread)
	local co = skynet.killthread(thread)
	if co then
		skynet.error(("Killed : %s"):format(tostring(co)))
	end
	skynet.ret()
end

function command.TASK(session)
	if session then
		skynet.ret(skynet.pack(skynet.task(session)))
	else
		local tasks = {}
		skynet.task(tasks)
		skynet.ret(skynet.pack(tasks))
	end
end

function command.UNIQTASK()
	skynet.ret(skynet.pack(skynet.uniqtask()))
end

function command.INFO(...)
	local f = debug_module.info_func
	skynet.ret(skynet.pack(f and f(...)))
end

function command.EXIT()
	skynet.exit()
end

function command.RUN(source, filename, ...)
	local inject = require "skynet.inject"
	local ok, output = inject.run(debug_module.protocols, source, filename, ...)
	skynet.ret(skynet.pack(ok, table.concat(output, "\n")))
end

function command.TERM(service)
	skynet.term(service)
end

function command.REMOTEDEBUG(...)
	require("skynet.remotedebug").start(debug_module.protocols, ...)
end

function command.SUPPORT(protocol)
	skynet.ret(skynet.pack(skynet.dispatch(protocol) ~= nil))
end

function command.PING()
	skynet.ret()
end

function command.LINK()
	skynet.response() -- fails when the service ends
end

function command.TRACELOG(protocol, on)
	if type(protocol) ~= "string" then
		protocol, on = "lua", protocol
	end
	skynet.error(("Turn trace log %s for %s"):format(on, protocol))
	skynet.traceproto(protocol, on)
	skynet.ret()
end

-- Adds a command, or replaces one.
function debug_module.reg_debugcmd(name, f)
	command[name] = f
end

function debug_module.dispatch(_, _, name, ...)
	local f = command[name]
	if not f then
		error("Invalid debug command " .. tostring(name))
	end
	f(...)
end

return debug_module
