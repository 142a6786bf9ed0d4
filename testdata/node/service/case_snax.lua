local skynet = require "skynet"
local snax = require "skynet.snax"
local check = require "check"
local case = require "case"

case(function()
	local obj = snax.newservice("counter", 10)
	check.equal(tostring(obj), ("[counter:%x]"):format(obj.handle))
	check.equal(obj.req.get(), 10)
	obj.post.add(5)
	check.equal(obj.req.get(), 15)
	check.raises("request counter:nothing no exist", function() return obj.req.nothing end)
	check.raises("post counter:nothing no exist", function() return obj.post.nothing end)
	check.equal({ snax.hotfix(obj, [[
		local count
		function accept.add(n)
			count = count + 2 * n
		end
		function hotfix(...)
			local old = count
			count = 100
			return old, ...
		end
	]], "more") }, { 15, "more" })
	check.equal(select("#", obj.post.add(1)), 0)
	check.equal(obj.req.get(), 102)
	check.equal({ snax.hotfix(obj, [[
		local skynet = require "skynet"
		local count
		local function twice()
			return 2 * count
		end
		function response.get()
			return twice(), skynet.self()
		end
	]]) }, {})
	check.equal({ obj.req.get() }, { 204, obj.handle })
	check.raises("call failed", obj.req.fail)
	local profile = snax.profile_info(obj)
	check.equal(profile.get.count, 4)
	local one = snax.uniqueservice("counter", 1)
	check.equal(snax.queryservice("counter").handle, one.handle)
	check.equal(snax.kill(obj, "bye"), nil)
	check.raises("", obj.req.get)
end)
