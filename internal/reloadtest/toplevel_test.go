package reloadtest

import (
	"fmt"
	"strings"
	"testing"
)

// What scripts do at the top level, besides defining things, can be done again by a reload, and is seen once.
func TestTopLevel(t *testing.T) {
	for name, code := range map[string]string{
		"init":       `skynet.init(function() skynet.error "init" end)`,
		"info":       `skynet.info_func(function() return {} end)`,
		"queue":      `local lock = require "skynet.queue"() function on.lock() return lock(function() return 1 end) end`,
		"log":        `skynet.error "loaded" print "loaded"`,
		"self":       `local me, now, env = skynet.self(), skynet.now(), skynet.getenv "x"`,
		"crypt":      `local crypt = require "skynet.crypt" local key = crypt.randomkey()`,
		"random":     `math.randomseed(os.time()) local salt = math.random(1e9)`,
		"dispatch":   `skynet.dispatch("lua", function(_, _, name, ...) skynet.ret(skynet.pack(on[name](...))) end)`,
		"timeout":    `skynet.timeout(1, function() skynet.error "timeout" end)`,
		"fork":       `skynet.fork(function() skynet.error "fork" end)`,
		"udp":        `local socket = require "skynet.socket" local u = socket.udp(function() end, "127.0.0.1", 0)`,
		"setenv":     `if not skynet.getenv "once" then skynet.setenv("once", "1") end`,
		"name":       `require "skynet.manager" skynet.name(".thing", skynet.self())`,
		"protocol":   `skynet.register_protocol {name = "mine", id = 100, pack = skynet.pack, unpack = skynet.unpack}`,
		"exit hook":  `local mt = setmetatable({}, {__gc = function() end})`,
		"memlimit":   `if skynet.memlimit then skynet.memlimit(64 * 1024 * 1024) end`,
		"trace":      `debug.traceback() collectgarbage "count" collectgarbage()`,
		"string lib": `function string.shout(s) return s:upper() .. "!" end local x = ("a"):shout()`,
		"read file":  `local f = io.open("/dev/null") local text = f:read "a" f:close()`,
		"sort":       `local t = {3, 1, 2} table.sort(t) local s = table.concat(t, ","):gsub("1", "x")`,
		"pcall":      `local ok, err = pcall(error, {code = 1})`,
		"load":       `local f = load "return 1 + 1" local two = f()`,
		"package":    `package.path = package.path .. ";./extra/?.lua"`,
		"preload":    `package.preload.virtual = function() return {v = 1} end local v = require "virtual"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := command + code + "\nfunction on.x() return %q end"
			l := newLab(t, map[string]string{"main.lua": fmt.Sprintf(source, "old")})
			s := l.start("main.lua")
			l.want(s, "old", "x")
			for _, v := range []string{"new", "newer"} {
				l.write("main.lua", fmt.Sprintf(source, v))
				l.ok()
				l.want(s, v, "x")
			}
			for _, word := range []string{"init\n", "timeout\n", "fork\n"} {
				if strings.Count(l.out.String(), word) > 1 {
					t.Errorf("%q happened again\n%s", word, l.out)
				}
			}
			if strings.Contains(l.out.String(), "error :") {
				t.Errorf("%s", l.out)
			}
		})
	}
}
