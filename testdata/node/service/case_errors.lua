local skynet = require "skynet"
require "skynet.manager"
local check = require "check"
local case = require "case"

case(function()
	local s = skynet.newservice("echo")
	check.raises("call failed", skynet.call, s, "lua", "fail")
	check.equal(skynet.call(s, "lua", "echo", 1), 1) -- it lives on
	check.raises("call failed", skynet.call, s, "lua", "die")
	check.equal(select("#", skynet.send(s, "lua", "echo")), 0)
	check.raises("call to invalid address " .. skynet.address(s), skynet.call, s, "lua", "echo")
	check.raises("call to invalid address .nobody", skynet.call, ".nobody", "lua", "echo")
	check.raises("Invalid service address 0", skynet.call, 0, "lua", "echo")
	check.raises("dest address type (nil) must be a string or number.", skynet.call, nil, "lua", "echo")
	check.raises("call failed", skynet.newservice, "nowhere")
	check.raises("call failed", skynet.newservice, "echo", {})
	local other = skynet.newservice("echo")
	skynet.fork(function() skynet.kill(other) end)
	check.raises("call failed", skynet.call, other, "lua", "hang")
	check.equal(skynet.newservice("quitter"), nil)
	check.raises("Unsupport type function to serialize", skynet.pack, print)
end)
