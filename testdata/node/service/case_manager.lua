local skynet = require "skynet"
require "skynet.manager"
local core = require "skynet.core"
local check = require "check"
local case = require "case"

case(function()
	check.equal(core.command("GETENV", "answer"), "42")
	check.equal(core.command("REG"), skynet.address(skynet.self()))
	check.equal(core.addresscommand("QUERY", ".launcher"), skynet.localname ".launcher")
	check.equal(skynet.kill(".nobody"), nil)
	local forwarder = skynet.newservice "forwarder"
	check.equal(skynet.call(forwarder, "lua", "echo", 7), 7)
	local s = skynet.launch("snlua", "echo", "x")
	check.comes(function() return pcall(skynet.call, s, "lua", "args") end) -- launch doesn't wait until it is ready
	check.equal(skynet.call(s, "lua", "args"), "x")
	local co = skynet.fork(function() skynet.wait() end)
	skynet.sleep(1)
	check.equal(skynet.task(), 1)
	check.equal(skynet.killthread(co), co)
	local ok = pcall(skynet.call, skynet.newservice "quitter", "lua")
	check.equal(ok, false)
end)
