package skynet_test

import (
	"regexp"
	"testing"
)

// A filter sees all messages, answers included, and decides what is handled.
func TestFilter(t *testing.T) {
	check(t, run(t, map[string]string{
		"filtered": `local skynet = require "skynet"
require "skynet.manager"
skynet.register_protocol { name = "own", id = 100, pack = function(text) return text end, unpack = skynet.tostring }
skynet.filter(function(type, msg, size, session, source)
	print("filter", type, size, session, source)
	if type == skynet.PTYPE_LUA and skynet.unpack(msg, size) == "text" then
		return 100, "changed", 7, session, source -- by a string
	elseif type == skynet.PTYPE_LUA and skynet.unpack(msg, size) == "refuse" then
		return skynet.PTYPE_ERROR, msg, size, 99, source
	elseif type == skynet.PTYPE_LUA and skynet.unpack(msg, size) == "fail" then
		error "no luck"
	elseif type == skynet.PTYPE_LUA and skynet.unpack(msg, size) == "more" then
		local msg, size = skynet.pack(skynet.unpack(msg, size), "added")
		return type, msg, size, session, source
	end
	return type, msg, size, session, source
end, function()
	skynet.dispatch("own", function(session, source, text) skynet.ret(skynet.pack(text)) end)
	skynet.dispatch("lua", function(session, source, ...)
		if ... == "sleep" then skynet.sleep(1) end
		if ... == "end" then skynet.exit() end
		skynet.ret(skynet.pack(...))
	end)
end)`,
		"main": `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	local s = skynet.newservice "filtered"
	print(skynet.call(s, "lua", "plain", 1))
	print(skynet.call(s, "lua", "more"))
	print(skynet.call(s, "lua", "text"))
	print(skynet.call(s, "lua", "sleep"))
	print(pcall(skynet.call, s, "lua", "fail"))
	skynet.send(s, "lua", "refuse")
	skynet.send(s, "lua", "end")
	skynet.exit()
end)`,
	}), `
filter	1	0	1	0
filter	10	8	3	8
plain	1
filter	10	5	4	8
more	added
filter	10	5	5	8
changed
filter	10	6	6	8
filter	1	0	2	0
sleep
filter	10	5	7	8
[:00000009] lua call [8 to :9 : 7 msgsz = 5] error : `+"\x1b[31mDIR/filtered.lua:11: no luck\x1b[0m"+`
false	call failed
filter	10	7	0	8
filter	10	4	0	8
`)
}

// The log tells when a service's memory has doubled, from 32 MiB on.
func TestMemoryWarning(t *testing.T) {
	got := run(t, map[string]string{"main": `local skynet = require "skynet"
skynet.start(function()
	local list = {}
	for i = 1, 100 do
		list[i] = ("x"):rep(1e6) .. i
		if i % 4 == 0 then skynet.sleep(1) end -- counted at the end of a turn
	end
	skynet.exit()
end)`})
	check(t, regexp.MustCompile(`\d+\.\d\d M`).ReplaceAllStringFunc(got, func(size string) string {
		return size[:1] + "_ M" // 32 and 64 MiB are exceeded by less than 6 MB, of strings or of garbage
	}), "[:00000008] Memory warning 3_ M\n[:00000008] Memory warning 6_ M\n")
}
