package host_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// A host with a module of its own, and a service that uses it.
func Example() {
	shout := host.Module{Name: "shout", Open: func(s *host.Service) (vm.Value, error) {
		return vm.Function("shout", func(c *vm.Call) error {
			return c.Return(c.State().NewString(strings.ToUpper(c.CheckString(1)) + "!"))
		}), nil
	}}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "greeter.lua")
	err = os.WriteFile(script, []byte(`
		local skynet = require "skynet"
		local shout = require "shout"
		skynet.start(function()
			skynet.dispatch("lua", function(session, source, name, times)
				skynet.retpack(shout("hello, " .. name), times + 1)
			end)
		end)`), 0o600)
	if err != nil {
		log.Fatal(err)
	}

	h, err := host.New(host.WithModule(skynet.Modules()...), host.WithModule(shout))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	defer h.Close(ctx)
	greeter, err := h.Start(ctx, script)
	if err != nil {
		log.Fatal(err)
	}
	results, err := h.Call(ctx, greeter, "world", 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results...)
	// Output: HELLO, WORLD! 2
}
