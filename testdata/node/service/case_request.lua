local skynet = require "skynet"
local check = require "check"
local case = require "case"

case(function()
	local a, b = skynet.newservice "echo", skynet.newservice "echo"
	local got = {}
	for req, resp in skynet.request { a, "lua", "echo", 1 }:add { b, "lua", "later", 2 }:add { b, "lua", "fail" }:select() do
		got[#got + 1] = resp and resp[1] or false
	end
	table.sort(got, function(x, y) return tostring(x) < tostring(y) end)
	check.equal(got, { 1, 2, false })
	local late = skynet.request { a, "lua", "hang" }
	for _ in late:select(2) do
		error "an answer from nowhere"
	end
	check.equal(late.timeout, true)
end)
