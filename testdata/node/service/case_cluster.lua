-- The node talks to itself as if it were another one.
local skynet = require "skynet"
local cluster = require "skynet.cluster"
local check = require "check"
local case = require "case"

case(function()
	local _, port = cluster.open("127.0.0.1:0")
	cluster.reload { other = "127.0.0.1:" .. port, gone = false }
	local echo = skynet.newservice "echo"
	check.equal({ cluster.call("other", echo, "echo", 1, "two", { 3 }) }, { 1, "two", { 3 } })
	cluster.register("echo", echo)
	check.equal(cluster.query("other", "echo"), echo)
	check.equal(cluster.call("other", "@echo", "echo", "named"), "named")
	local big = ("x"):rep(100000)
	check.equal(cluster.call("other", "@echo", "echo", big) == big, true)
	local proxy = cluster.proxy("other", "@echo")
	check.equal(skynet.call(proxy, "lua", "echo", "by proxy"), "by proxy")
	check.equal(cluster.proxy "other@echo", proxy)
	check.raises("call failed", cluster.call, "other", "@echo", "fail")
	check.raises("call failed", cluster.call, "other", "@nobody", "x")
	check.raises("call failed", cluster.call, "gone", "@echo", "x")
	cluster.send("other", "@echo", "echo", "no answer")
	-- A trace goes on in the other node, also for a request in parts, and ends with its request.
	local tags
	skynet.fork(function()
		skynet.trace()
		tags = { skynet.tracetag(), cluster.call("other", "@echo", "tag"), (cluster.call("other", "@echo", "tag", big)) }
	end)
	check.comes(function() return tags end)
	check.equal(tags[2]:match "^%b()(.*)$", tags[1])
	check.equal(tags[3]:match "^%b()(.*)$", tags[1])
	check.equal(cluster.call("other", "@echo", "tag"), nil)
	local late
	skynet.fork(function() late = cluster.call("later", "@echo", "echo", "late") end)
	skynet.sleep(2)
	cluster.reload { later = "127.0.0.1:" .. port }
	check.comes(function() return late end)
	check.equal(late, "late")
end)
