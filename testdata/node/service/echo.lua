local skynet = require "skynet"

local command = {}
function command.echo(...) skynet.retpack(...) end
function command.tag() skynet.retpack((skynet.tracetag())) end
function command.fail() error "as asked" end
function command.die() skynet.exit() end
function command.hang() skynet.wait() end
function command.later(...)
	local respond = skynet.response()
	skynet.timeout(1, function(...) end)
	local args = table.pack(...)
	skynet.timeout(2, function() respond(true, table.unpack(args, 1, args.n)) end)
end
function command.args() skynet.retpack(table.unpack(command.given, 1, command.given.n)) end
command.given = table.pack(...)

skynet.start(function()
	skynet.dispatch("lua", function(_, _, name, ...)
		command[name](...)
	end)
end)
