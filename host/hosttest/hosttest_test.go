package hosttest_test

import (
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/host/module"
)

func sleeper() host.Module {
	return module.New("sleeper", "").
		Func("sleep(seconds)", func(s *host.Service, d time.Duration) {}).
		Module()
}

func TestEval(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Expect(`return 1, "a", nil, true, {1, 2}, {x = {}}`, 1, "a", nil, true, []any{1.0, 2.0}, map[string]any{"x": map[string]any{}})
		h.Expect(`return`)
		h.Eval(`x = 7`)
		h.Expect(`return x`, 7)
		h.ExpectError(`error("oops")`, "chunk:1: oops")
		h.ExpectError(`x =`, "unexpected symbol near <eof>")
		h.Eval(`print("hi")`)
		if got := h.Output(); got != "hi\n" {
			t.Errorf("output %q", got)
		}
	}, host.WithModule(sleeper()))
}
