package stm_test

import (
	"testing"

	"github.com/luahost/luahost/bindings/stm"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/vm"
)

func TestObjects(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`
			stm = require "skynet.stm"
			object = stm.new("one")
			copy = stm.copy(object)
			reader = stm.newcopy(copy)
			function read(...) return reader(function(msg, size, ...) return type(msg), size, ... end, ...) end`)
		h.Expect(`return read("x")`, true, "userdata", 3, "x")
		h.Expect(`return read()`, false)
		h.Expect(`object("three") return read()`, true, "userdata", 5)
		h.ExpectError(`stm.newcopy(copy)`, "the copy of an stm object is used already")
		h.ExpectError(`stm.newcopy(1)`, "bad argument #1 to 'newcopy' (copy of an stm object expected, got number)")
		h.ExpectError(`stm.copy(reader)`, "bad argument #1 to 'copy' (writer expected, got userdata)")
		h.ExpectError(`reader(1)`, "function expected, got number")

		// A value ends with the service that wrote it.
		a := h.StartScript(`handed = require "skynet.stm".copy(require "skynet.stm".new("mine"))`)
		var handed vm.Value
		done := make(chan struct{})
		h.Service(a).Post(func(s *host.Service) {
			handed = s.State().Globals().GetString("handed")
			close(done)
		})
		<-done
		h.Do(func(s *host.Service) { s.State().Globals().SetString("handed", handed) })
		h.Eval(`reader = stm.newcopy(handed)`)
		h.Service(a).Kill()
		h.Advance(0)
		h.Expect(`return read()`, false)
	}, host.WithModule(stm.Modules()...))
}
