local skynet = require "skynet"
require "skynet.manager"
local harbor = require "skynet.harbor"
local check = require "check"
local case = require "case"

case(function()
	local s = skynet.newservice "echo"
	skynet.name(".local", s)
	check.equal(skynet.localname ".local", s)
	check.equal(skynet.call(".local", "lua", "echo", "x"), "x")
	local answer
	skynet.fork(function() answer = skynet.call("GLOBALNAME", "lua", "echo", "late") end)
	skynet.sleep(2)
	check.equal(answer, nil)
	harbor.globalname("GLOBALNAME", s)
	check.comes(function() return answer end)
	check.equal(answer, "late")
	check.equal(harbor.queryname "GLOBALNAME", s)
	check.equal(skynet.uniqueservice "echo", skynet.uniqueservice "echo")
	check.equal(skynet.queryservice "echo", skynet.uniqueservice "echo")
	check.equal(skynet.cache, require "skynet.codecache")
	check.equal(skynet.uniqueservice(true, "echo"), skynet.queryservice(true, "echo"))
	-- Whoever starts a service is answered first, then those that have waited for it, in their order.
	local order = {}
	for i, f in ipairs { skynet.queryservice, skynet.uniqueservice, skynet.queryservice, skynet.uniqueservice } do
		skynet.fork(function()
			f "slow"
			order[#order + 1] = i
		end)
	end
	skynet.queryservice "slow"
	check.comes(function() return #order == 4 end)
	check.equal(table.concat(order, " "), "2 1 3 4")
end)
