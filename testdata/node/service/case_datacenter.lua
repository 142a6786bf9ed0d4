local skynet = require "skynet"
local datacenter = require "skynet.datacenter"
local check = require "check"
local case = require "case"

case(function()
	check.equal(datacenter.set("a", "b", 1), nil)
	check.equal(datacenter.set("a", "b", 2), 1)
	check.equal(datacenter.get("a", "b"), 2)
	check.equal(datacenter.get "a", { b = 2 })
	check.equal(datacenter.get("a", "x", "y"), nil)
	local got = {}
	skynet.fork(function() got.leaf = datacenter.wait("tree", "leaf") end)
	skynet.fork(function() got.deep = datacenter.wait("tree", "branch", "twig") end)
	skynet.sleep(1)
	datacenter.set("tree", "leaf", "green")
	datacenter.set("tree", "branch", { twig = "thin" })
	check.comes(function() return got.leaf and got.deep end)
	check.equal(got, { leaf = "green", deep = "thin" })
	check.equal(datacenter.wait("tree", "leaf"), "green")
end)
