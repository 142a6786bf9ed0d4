package log_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/log"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

func TestLog(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`log = require "log"
			log.debug("hidden", {x = function() end})
			log.info("hello")
			log.warn("a b", {n = 1.5, i = 7, b = true, s = "x y", list = {1, 2}, [1] = "one", t = setmetatable({}, {__tostring = function() return "T!" end})})
			log.level("debug")
			log.debug("seen")
			local room = log.with({room = "lobby"})
			room:with({id = 3}):error("gone", {why = "left"})
			room:info("two\nlines")
			log.level("error")
			room:info("hidden")`)
		a := h.Output()[:len("[:00000008] ")]
		want := strings.ReplaceAll(`level=INFO msg=hello
level=WARN msg="a b" 1=one b=true i=7 list="[1 2]" n=1.5 s="x y" t=T!
level=DEBUG msg=seen
level=ERROR msg=gone room=lobby id=3 why=left
level=INFO msg="two\nlines" room=lobby
`, "level", a+"level")
		if got := h.Output(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		h.Expect(`return log.level(), log.enabled("warn"), log.enabled("error"), log.level("info"), log.enabled("info")`, "error", false, true, "info", true)
		h.ExpectError(`log.info()`, "bad argument #1 to 'info' (string expected, got no value)")
		h.ExpectError(`log.debug({})`, "bad argument #1 to 'debug' (string expected, got table)")
		h.ExpectError(`log.info("x", 1)`, "bad argument #2 to 'info' (table expected, got number)")
		h.ExpectError(`log.level("loud")`, "bad argument #1 to 'level' (unknown level 'loud')")
		h.ExpectError(`log.with({}):info()`, "bad argument #1 to 'info' (string expected, got no value)")
		h.ExpectError(`log.with({}).info("x")`, "bad argument #1 to 'info' (logger expected, got string)")
		h.ExpectError(`log.with()`, "bad argument #1 to 'with' (table expected, got no value)")
	}, host.WithModule(log.Modules()...))
}

func TestLevelOfTheHost(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Expect(`return require "log".level()`, "debug")
	}, host.WithModule(log.Modules()...), host.WithEnv("log_level", "debug"))
	hosttest.Run(t, func(h *hosttest.Host) {
		h.ExpectError(`require "log"`, "setting log_level: 'loud' is none of debug, info, warn, error")
	}, host.WithModule(log.Modules()...), host.WithEnv("log_level", "loud"))
}

func TestUse(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		var out bytes.Buffer
		log.Use(h.Host, slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "address" {
				return slog.Attr{}
			}
			return a
		}}))
		h.Eval(`local log = require "log" log.info("hidden") log.error("seen", {a = {b = {1, 2}}})`)
		if got, want := out.String(), `{"level":"ERROR","msg":"seen","service":"test","a":{"b":[1,2]}}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}, host.WithModule(log.Modules()...))
}

// A project's own log.lua is the one that it gets.
func TestFilesFirst(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "log.lua"), []byte(`return "mine"`), 0o666); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "main.lua")
	if err := os.WriteFile(main, []byte(`print(require "log")`), 0o666); err != nil {
		t.Fatal(err)
	}
	h := hosttest.New(t, host.WithModule(log.Modules()...))
	if _, err := h.Start(context.Background(), main); err != nil {
		t.Fatal(err)
	}
	if got := h.Output(); got != "mine\n" {
		t.Errorf("printed %q", got)
	}
}
