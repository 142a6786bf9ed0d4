local skynet = require "skynet"
local service = require "skynet.service"
local check = require "check"
local case = require "case"

local function adder(base)
	local skynet = require "skynet"
	skynet.start(function()
		skynet.dispatch("lua", function(_, _, n)
			skynet.ret(skynet.pack(base + n))
		end)
	end)
end

case(function()
	local a = service.new("adder", adder, 10)
	check.equal(skynet.call(a, "lua", 5), 15)
	check.equal(service.new("adder", adder, 20), a)
	check.equal(service.query "adder", a)
	check.raises("can't use the local variable check", service.new, "other", function() return check end)
	check.equal(service.close "adder", true)
	check.equal(service.close "adder", false)
	local b = service.new("adder", adder, 30)
	check.equal(skynet.call(b, "lua", 5), 35)
end)
