local skynet = require "skynet"
local check = require "check"
local case = require "case"

case(function()
	local h = skynet.harbor(skynet.self()) * 0x1000000
	check.equal(skynet.localname ".launcher", h + 3)
	check.equal(skynet.localname ".cslave", h + (skynet.getenv "harbor" == "0" and 4 or 5))
	check.equal(skynet.localname ".service", h + (skynet.getenv "harbor" == "0" and 7 or 8))
	check.equal(skynet.address(11), ":0000000b")
	check.equal(skynet.getenv "answer", "42")
	check.equal(skynet.getenv "thread", "4")
	check.equal(skynet.getenv "nothing", nil)
	check.raises("Can't setenv exist key : answer", skynet.setenv, "answer", "43")
	check.equal(type(skynet.now()), "number")
	local list = skynet.call(".launcher", "lua", "LIST")
	check.equal(list[skynet.address(skynet.self())], "snlua case_handles")
end)
