package lualib_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
)

// Messages of a queue are handled one after the other, those included that came before the handler.
func TestMqueue(t *testing.T) {
	h := hosttest.New(t, all.Options()...)
	server := h.StartScript(`local skynet = require "skynet"
local mqueue = require "skynet.mqueue"
local log = {}
local function handle(what, ...)
	log[#log + 1] = "+" .. tostring(what)
	skynet.sleep(1)
	log[#log + 1] = "-" .. tostring(what)
	if what == "fail" then error "on purpose" end
	if what == "log" then return table.concat(log, " ") end
	if what == "call" then return ... end
end
skynet.start(function()
	skynet.dispatch("lua", function()
		skynet.ret(skynet.pack(mqueue.size()))
		mqueue.register(handle)
	end)
end)`)
	h.Eval(`skynet = require "skynet" mqueue = require "skynet.mqueue"`)
	h.Expect(fmt.Sprintf(`server = %d
		mqueue.send(server, "a") mqueue.send(server, "b")
		return skynet.call(server, "lua")`, uint32(server)), 2)
	h.Expect(`return mqueue.call(server, "call", 1, nil, "x")`, 1, nil, "x")
	h.ExpectError(`mqueue.call(server, "fail")`, "on purpose")
	h.Expect(`return mqueue.call(server, "log")`, "+a -a +b -b +call -call +fail -fail +log -log")
	// Nobody gets what the handler of a message that was only sent returns, or its error.
	h.Expect(`mqueue.send(server, "call", "something") mqueue.send(server, "fail") return mqueue.call(server, "call", true)`, true)
	for _, want := range []string{"[:8] send a message to [:9] return something", "[:8] send a message to [:9] throw an error : "} {
		if out := h.Output(); !strings.Contains(out, want) {
			t.Errorf("the log lacks %q:\n%s", want, out)
		}
	}
}
