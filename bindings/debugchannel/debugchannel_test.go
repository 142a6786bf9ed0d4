package debugchannel_test

import (
	"fmt"
	"testing"

	"github.com/luahost/luahost/bindings/debugchannel"
	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

func TestLines(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`d = require "skynet.debugchannel" c, handle = d.create() other = d.connect(handle)`)
		h.Expect(`return c == other, c:read()`, true, nil, true)
		h.Expect(`c:write "one" c:write "" c:write "three" return other:read(), other:read(), other:read(1)`, "one", "", "three", true)
		h.Expect(`return other:read(3)`, nil, true)
		h.ExpectError(`d.connect(handle + 1)`, "there is no channel 2")
		h.ExpectError(`for i = 1, 257 do c:write(i) end`, "256 lines wait to be read")
		// A channel ends with a service.
		server := h.StartScript(`local skynet = require "skynet"
local c, handle = require "skynet.debugchannel".create()
skynet.start(function()
	skynet.dispatch("lua", function(_, _, name)
		skynet.ret(skynet.pack(handle))
		if name == "exit" then skynet.exit() end
	end)
end)`)
		h.Eval(fmt.Sprintf(`skynet = require "skynet" server = %d`, uint32(server)))
		h.Eval(`mine = d.connect(skynet.call(server, "lua"))`)
		p := h.Go(`return mine:read(100)`)
		h.Expect(`local handle = skynet.call(server, "lua", "exit") skynet.sleep(1) return pcall(d.connect, handle)`, false, "there is no channel 2")
		if got, err := p.Wait(); err != nil || fmt.Sprint(got...) != "<nil> false" {
			t.Errorf("read: got %v, %v", got, err)
		}
		h.ExpectError(`mine:write "x"`, "nobody reads the channel any more")
	}, host.WithModule(append(debugchannel.Modules(), skynet.Modules()...)...))
}
