package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/luahost/luahost/internal/freeport"
)

// nodeProgram runs luahost, the command that TestMain makes, in a folder, and returns what it writes and its exit code.
func nodeProgram(t *testing.T, dir, stdin string, env []string, args ...string) (output string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "luahost", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), env...)
	c.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

func TestNodeSelfTest(t *testing.T) {
	for _, config := range []string{"config", "config.harbor"} {
		t.Run(config, func(t *testing.T) {
			ports := freeport.Of(t, 2)
			output, code := nodeProgram(t, "../..", "", []string{fmt.Sprint("NODE_PORT=", ports[0]), fmt.Sprint("MASTER_PORT=", ports[1])}, "testdata/node/"+config)
			cases := regexp.MustCompile(`(?m)^(PASS|FAIL) .*$`).FindAllString(output, -1)
			for _, c := range cases {
				if strings.HasPrefix(c, "FAIL") {
					t.Error(c)
				}
			}
			if len(cases) < 20 || code != 0 {
				t.Errorf("%d cases, exit code %d\n%s", len(cases), code, output)
			}
		})
	}
}

// nodeFiles writes the files of a node.
func nodeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const quietNode = "harbor = 0\nthread = 2\nluaservice = './?.lua'\n"

func TestNodeLog(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode,
		"main.lua": `local skynet = require "skynet"
skynet.start(function()
	skynet.error("hello", 1, nil, true)
	pcall(skynet.newservice, "nowhere")
	pcall(skynet.newservice, "bad", "x")
	skynet.exit()
end)`,
		"bad.lua": `local skynet = require "skynet"
skynet.start(function() error "no luck" end)`,
	})
	// A node whose main service has ended goes on with its own services.
	stdout := startNode(t, dir, "config", "[:00000002] KILL self")
	want := `[:00000002] LAUNCH snlua bootstrap
[:00000003] LAUNCH snlua launcher
[:00000004] LAUNCH snlua cdummy
[:00000005] LAUNCH harbor 0 4
[:00000006] LAUNCH snlua datacenterd
[:00000007] LAUNCH snlua service_mgr
[:00000008] LAUNCH snlua main
[:00000008] hello 1 nil true
[:00000009] LAUNCH snlua nowhere
[:00000009] lua loader error : cannot open ./nowhere.lua: No such file or directory
[:00000009] KILL self
[:0000000a] LAUNCH snlua bad x
[:0000000a] init service failed: ./bad.lua:2: no luck
stack traceback:
[:0000000a] KILL self
[:00000008] KILL self
[:00000002] KILL self
`
	stdout = regexp.MustCompile(`(?m)^\t.*\n`).ReplaceAllString(stdout, "") // the frames
	if stdout != want {
		t.Errorf("got\n%s\nwant\n%s", stdout, want)
	}
}

// startNode runs a node until it prints a line, and returns what it has printed.
func startNode(t *testing.T, dir, config, last string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "luahost", config)
	c.Dir = dir
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	var text strings.Builder
	b := make([]byte, 4096)
	for !strings.Contains(text.String(), last+"\n") {
		n, err := stdout.Read(b)
		text.Write(b[:n])
		if err == io.EOF {
			t.Fatalf("ended before %q:\n%s", last, text.String())
		}
	}
	return text.String()
}

func TestNodeConsoleAndAbort(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode,
		"main.lua": `local skynet = require "skynet"
skynet.start(function() skynet.newservice "console" end)`,
		"greet.lua": `local skynet = require "skynet"
local word = ...
skynet.start(function() print("hello " .. word) end)`,
		"stop.lua": `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function() skynet.abort() print "still here" end)`,
	})
	output, code := nodeProgram(t, dir, "greet world\nnowhere\n\nstop\n", nil, "config")
	for _, want := range []string{"hello world", "Invalid command:\tnowhere", "still here"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
	if code != 0 {
		t.Errorf("abort: exit code %d", code)
	}
}

func TestNodeExitCode(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode + "logger = 'node.log'\n",
		"main.lua": `local skynet = require "skynet"
skynet.start(function()
	skynet.error "written"
	io.write("no newline")
	os.exit(3)
end)`,
	})
	output, code := nodeProgram(t, dir, "", nil, "config")
	if code != 3 || !strings.HasSuffix(output, "no newline") {
		t.Errorf("exit code %d, output %q", code, output)
	}
	log, err := os.ReadFile(filepath.Join(dir, "node.log"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^\d\d/\d\d/\d\d \d\d:\d\d:\d\d\.\d\d \[:00000008\] written$`)
	if !line.Match(log) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestNodeUserLogger(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode + "logservice = 'snlua'\nlogger = 'userlog'\n",
		"userlog.lua": `local skynet = require "skynet"
require "skynet.manager"
skynet.register_protocol {
	name = "text",
	id = skynet.PTYPE_TEXT,
	unpack = skynet.tostring,
	dispatch = function(_, address, msg)
		print(("<%s> %s"):format(skynet.address(address), msg))
		if msg == "bye" then os.exit(0) end
	end,
}
skynet.start(function() skynet.register ".logger" end)`,
		"main.lua": `local skynet = require "skynet"
skynet.start(function() skynet.error "bye" end)`,
	})
	output, code := nodeProgram(t, dir, "", nil, "config")
	if code != 0 || !strings.Contains(output, "<:00000002> LAUNCH snlua bootstrap\n") || !strings.Contains(output, "<:00000008> bye\n") {
		t.Errorf("exit code %d\n%s", code, output)
	}
}

func TestNodeUserFilesWin(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config":           quietNode + "lua_path = './lib/?.lua'\npreload = 'first.lua'\nlua_cpath = './clib/?.so'\n",
		"first.lua":        `PRELOADED = (PRELOADED or "") .. table.concat({ ... }, " ")`,
		"lib/http/url.lua": `return { mine = true }`,
		"lib/skynet.lua":   `error "the core is not replaced"`,
		"clib/strange.so":  "not loaded",
		"clib/lpeg.so":     "not loaded",
		"datacenterd.lua": `local skynet = require "skynet"
skynet.start(function() skynet.error "my datacenter" end)`,
		"main.lua": `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	print("url", require "http.url".mine, PRELOADED)
	print(select(2, pcall(require, "strange")))
	print("lpeg", require "lpeg".match("a", "a"), require "re".match("ab", "{'a'}"))
	skynet.abort()
end)`,
	})
	output, code := nodeProgram(t, dir, "", nil, "config")
	for _, want := range []string{
		"my datacenter",
		"url\ttrue\tmain\n",
		"module 'strange' is a C library (./clib/strange.so), which can't be loaded here",
		"these have no counterpart written in Go: strange",
		"lpeg\t2\ta\n",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A loader of the user's finds and runs the scripts of services, as it does in skynet.
func TestNodeLoader(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config":    quietNode + "lualoader = './tools/load.lua'\npreload = 'first.lua'\nlua_path = './lib/?.lua'\n",
		"first.lua": `PRELOADED = ...`,
		"lib/m.lua": `return "module"`,
		"tools/load.lua": `local args = {}
for word in (...):gmatch "%S+" do args[#args + 1] = word end
SERVICE_NAME = args[1]
local main, missing = nil, {}
for template in LUA_SERVICE:gmatch "[^;]+" do
	local f, err = loadfile((template:gsub("?", SERVICE_NAME)))
	if f then main = f break end
	missing[#missing + 1] = err
end
if not main then error(table.concat(missing, "\n")) end
LUA_SERVICE = nil
package.path, LUA_PATH = LUA_PATH, nil
package.cpath, LUA_CPATH = LUA_CPATH, nil
loadfile(LUA_PRELOAD)(table.unpack(args))
require = require "skynet.require".require
LOADED = "by the loader"
main(select(2, table.unpack(args)))`,
		"other.lua": `local skynet = require "skynet"
local args = table.concat({ ... }, ",")
skynet.start(function() skynet.error(args, LOADED, PRELOADED, SERVICE_NAME, require "m", LUA_SERVICE) end)`,
		"main.lua": `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	skynet.newservice("other", "a", "b")
	print(pcall(skynet.newservice, "nowhere"))
	skynet.abort()
end)`,
	})
	output, code := nodeProgram(t, dir, "", nil, "config")
	for _, want := range []string{"a,b by the loader other other module nil\n", "lua loader error : ./tools/load.lua:10: cannot open ./nowhere.lua"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestNodeConfigErrors(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"thread": "thread = 0", "harbor": "harbor = 256", "table": "t = {}", "bootstrap": "harbor = 0 bootstrap = 'gate'",
		"logger": "harbor = 0 logservice = 'other'", "nothing": "harbor = 0 bootstrap = 'snlua nothing'",
	})
	for name, want := range map[string]string{
		"thread": "want a number from 1 to 1024", "harbor": "want a number from 0 to 255", "table": "Invalid config table key = t",
		"bootstrap": "want snlua and the name of a service", "logger": "want logger or snlua", "nothing": "the bootstrap service: cannot open ./service/nothing.lua: No such file or directory", "nowhere": "neither a command nor a config file",
	} {
		output, code := nodeProgram(t, dir, "", nil, name)
		if code == 0 || !strings.Contains(output, want) {
			t.Errorf("%s: exit code %d, %q", name, code, output)
		}
	}
}
