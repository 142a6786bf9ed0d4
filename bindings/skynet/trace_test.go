package skynet_test

import (
	"regexp"
	"testing"
)

var clock = regexp.MustCompile(`> \d+ `)

// A traced request is followed into the services that it calls.
func TestTrace(t *testing.T) {
	got := run(t, map[string]string{
		"helper": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, x)
		print("helper", skynet.tracetag())
		skynet.ret(skynet.pack(x))
	end)
end)`,
		"main": `
local skynet = require "skynet" require "skynet.manager"
skynet.start(function()
	local helper = skynet.newservice "helper"
	skynet.dispatch("lua", function(_, _, fail)
		print(skynet.tracetag())
		skynet.trace "info"
		print(skynet.tracetag())
		skynet.call(helper, "lua", 1)
		skynet.sleep(0)
		if fail then error "failed" end
		skynet.ret()
	end)
	skynet.call(skynet.self(), "lua")
	skynet.call(helper, "lua", 2)
	skynet.traceproto("lua", true)
	pcall(skynet.call, skynet.self(), "lua", true)
	skynet.traceproto("lua", false)
	skynet.call(skynet.self(), "lua")
	skynet.tracelog("mine", "here", 1)
	skynet.abort()
end)`})
	check(t, clock.ReplaceAllString(got, "> T "), `
nil
[:00000008] TRACE nil
[:00000008] <TRACE :00000008-1> T trace info
:00000008-1
[:00000008] <TRACE :00000008-1> T call : @DIR/main.lua:9
[:00000009] <TRACE :00000008-1> T request
helper	:00000008-1
[:00000009] <TRACE :00000008-1> T response
[:00000009] <TRACE :00000008-1> T end
[:00000008] <TRACE :00000008-1> T resume
[:00000008] <TRACE :00000008-1> T sleep : @DIR/main.lua:10
[:00000008] <TRACE :00000008-1> T resume
[:00000008] <TRACE :00000008-1> T response
[:00000008] <TRACE :00000008-1> T end
helper	nil
[:00000008] TRACE nil
[:00000008] <TRACE :00000008-2> T trace
:00000008-2
[:00000008] TRACE :00000008-2
[:00000008] <TRACE :00000008-3> T trace info
:00000008-3
[:00000008] <TRACE :00000008-3> T call : @DIR/main.lua:9
[:00000009] <TRACE :00000008-3> T request
helper	:00000008-3
[:00000009] <TRACE :00000008-3> T response
[:00000009] <TRACE :00000008-3> T end
[:00000008] <TRACE :00000008-3> T resume
[:00000008] <TRACE :00000008-3> T sleep : @DIR/main.lua:10
[:00000008] <TRACE :00000008-3> T resume
[:00000008] <TRACE :00000008-3> T error
[:00000008] lua call [0 to :8 : 9 msgsz = 0] error : `+"\x1b[31m"+`DIR/main.lua:11: failed
stack traceback:
	[C]: in function 'error'
	DIR/main.lua:11: in function <DIR/main.lua:5>`+"\x1b[0m"+`
false
[:00000008] TRACE false
false
helper	nil
[:00000008] <TRACE mine> T here : @DIR/main.lua:20
`)
}
