package skynet_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/socketdriver"
	"github.com/luahost/luahost/host"
)

// The messages of a service are written to a file of logpath between LOGON and LOGOFF, or its end.
func TestMessageLog(t *testing.T) {
	dir := t.TempDir()
	output := newKit(t, map[string]string{ // by the real clock: a socket is waited for
		"echo": `local skynet = require "skynet"
local driver = require "skynet.socketdriver"
skynet.register_protocol { name = "socket", id = skynet.PTYPE_SOCKET, unpack = driver.unpack, dispatch = function() end }
skynet.start(function()
	skynet.dispatch("lua", function(_, _, what, ...)
		if what == "listen" then driver.start((driver.listen("127.0.0.1", 0))) end
		if what == "exit" then skynet.exit() end
		skynet.retpack(what, ...)
	end)
end)`,
		"main": `local skynet = require "skynet"
local core = require "skynet.core"
skynet.start(function()
	local echo = skynet.newservice "echo"
	local address = skynet.address(echo)
	skynet.call(echo, "lua", "before")
	core.command("LOGON", address)
	core.command("LOGON", address)
	skynet.call(echo, "lua", "a")
	core.command("LOGOFF", address)
	core.command("LOGOFF", address)
	skynet.call(echo, "lua", "between")
	core.command("LOGON", address)
	skynet.call(echo, "lua", "listen")
	skynet.call(echo, "lua", "a")
	pcall(skynet.call, echo, "lua", "exit")
	core.command("LOGON", ":00ffffff")
	skynet.exit()
end)`,
	}, host.WithEnv("logpath", dir), host.WithModule(socketdriver.Modules()...)).run()
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^open time: \d+ \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}
:00000008 10 \d+ \d+ 0c61
close time: \d+
open time: \d+ .*
:00000008 10 \d+ \d+ 346c697374656e
(?:\[socket\] 2 1 \d+ \[[^\]]+\]
|:00000008 10 \d+ \d+ 0c61
)+:00000008 10 \d+ \d+ 2465786974
close time: \d+
$`)
	if !want.Match(b) {
		t.Errorf("the log:\n%s", b)
	}
	if !strings.Contains(string(b), "[127.0.0.1]\n") {
		t.Errorf("no message of a socket:\n%s", b)
	}
	for _, line := range []string{"Open log file " + files[0], "Close log file :00000009"} {
		if strings.Count(output, line) != 2 {
			t.Errorf("not twice %q in\n%s", line, output)
		}
	}
}
