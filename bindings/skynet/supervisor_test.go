package skynet_test

import (
	"strings"
	"testing"
	"testing/synctest"
)

// A service that ends again and again is started anew for a while, and then given up alone; who calls it hears so at once.
func TestSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, map[string]string{
			"fragile": `local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, command, ...)
		if command == "die" then
			skynet.exit()
		elseif command == "wait" then
			skynet.sleep(10000)
		end
		skynet.retpack(command, skynet.self(), ...)
	end)
end)`,
			"broken": `error "no luck"`,
			"main": `local skynet = require "skynet"
local function test()
	local other = skynet.newservice("supervisor", "fragile")
	local s = skynet.newservice("supervisor", "fragile", "argument")
	assert(not pcall(skynet.newservice, "supervisor", "broken"))
	local addresses, down = {}, 0
	for i = 1, 4 do
		local ok, command, address, more = pcall(skynet.call, s, "lua", "hello", i)
		assert(ok and command == "hello" and more == i and not addresses[address])
		addresses[address] = true
		local waiting = false
		skynet.fork(function()
			assert(not pcall(skynet.call, s, "lua", "wait"))
			waiting = true
		end)
		skynet.sleep(1)
		assert(not pcall(skynet.call, s, "lua", "die"))
		local begin = skynet.now()
		if i > 1 then
			assert(not pcall(skynet.call, s, "lua", "hello") and skynet.now() == begin, "callers wait for a restart")
			down = down + 1
		end
		skynet.sleep(100)
		assert(waiting, "a caller of the service that ended still waits")
	end
	assert(down == 3)
	skynet.send(s, "lua", "die")
	skynet.sleep(10000)
	local begin = skynet.now()
	assert(not pcall(skynet.call, s, "lua", "hello") and skynet.now() == begin)
	assert(skynet.call(other, "lua", "hello") == "hello")
	assert(skynet.call(other, "debug", "INFO").service == "fragile")
	skynet.error "done"
end
skynet.start(function()
	skynet.fork(function()
		local ok, err = xpcall(test, debug.traceback)
		if not ok then skynet.error(err) end
		skynet.abort()
	end)
end)`,
		})
		if _, err := k.start("main"); err != nil {
			t.Fatal(err)
		}
		<-k.Done()
		out := k.out.String()
		if !strings.Contains(out, "done") || strings.Count(out, "is given up: it ended 5 times within 60 s") != 1 {
			t.Errorf("the log:\n%s", out)
		}
		if strings.Count(out, "started again") != 4 {
			t.Errorf("not 4 restarts:\n%s", out)
		}
	})
}
