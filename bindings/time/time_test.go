package time_test

import (
	"testing"
	"time"

	luatime "github.com/luahost/luahost/bindings/time"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

func TestTime(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`time = require "time"`)
		start := float64(time.Now().Unix()) // the fake clock begins at a whole second
		h.Expect(`return time.now(), time.monotonic()`, start, 0)
		h.Advance(1500 * time.Millisecond)
		h.Expect(`return time.now(), time.monotonic()`, start+1.5, 1.5)
		h.Expect(`return time.format()`, "2000-01-01T00:00:01Z")
		h.Expect(`return time.format(nil, "rfc3339ms")`, "2000-01-01T00:00:01.500Z")
		for _, test := range []struct{ call, want string }{
			{`0`, "1970-01-01T00:00:00Z"},
			{`1700000000.123, "rfc3339ms"`, "2023-11-14T22:13:20.123Z"},
			{`1700000000, "http", "Europe/Berlin"`, "Tue, 14 Nov 2023 22:13:20 GMT"},
			{`1700000000, "rfc3339", "Europe/Berlin"`, "2023-11-14T23:13:20+01:00"},
			{`1700000000, "%d.%m.%Y %H:%M:%S %z", "-03:30"`, "14.11.2023 18:43:20 -0330"},
			{`1700000000, "100%% %a %j"`, "100% Tue 318"},
			{`-1`, "1969-12-31T23:59:59Z"},
		} {
			h.Expect("return time.format("+test.call+")", test.want)
		}
		for _, test := range []struct {
			call string
			want float64
		}{
			{`"2023-11-14T22:13:20Z"`, 1700000000},
			{`"2023-11-14T22:13:20.25+01:00"`, 1699996400.25},
			{`"Tue, 14 Nov 2023 22:13:20 GMT", "http"`, 1700000000},
			{`"2023-11-14 23:13:20", "%Y-%m-%d %H:%M:%S", "Europe/Berlin"`, 1700000000},
			{`"14/11/2023", "%d/%m/%Y"`, 1699920000},
		} {
			h.Expect("return (time.parse("+test.call+"))", test.want)
		}
		h.Expect(`return time.parse("yesterday")`, nil, "'yesterday' is no time of this layout")
		h.Expect(`return time.parse("2023-02-30T00:00:00Z")`, nil, "'2023-02-30T00:00:00Z' is no time of this layout")
		h.ExpectError(`time.parse()`, "bad argument #1 to 'parse' (string expected, got no value)")
		h.ExpectError(`time.parse("x", "y")`, "bad argument #2 to 'parse' (unknown layout 'y')")
		h.ExpectError(`time.parse("x", "%U")`, "bad argument #2 to 'parse' (no time can be read by it")
		h.ExpectError(`time.format(0, "y")`, "bad argument #2 to 'format' (unknown layout 'y')")
		h.ExpectError(`time.format(0, "%Y", "Nowhere/Land")`, "bad argument #3 to 'format' (unknown time zone 'Nowhere/Land')")
		h.ExpectError(`time.format(0, "%Y", "+2")`, "bad argument #3 to 'format' ('+2' is no offset)")
		h.ExpectError(`time.format(0, "%Y", "../../etc/passwd")`, "unknown time zone")
		h.ExpectError(`time.format(1e15)`, "bad argument #1 to 'format' (the year")
		h.ExpectError(`time.format(0/0)`, "bad argument #1 to 'format' (number is out of range)")
	}, host.WithModule(luatime.Modules()...))
}
