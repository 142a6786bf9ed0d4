package all_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/internal/golden"
)

// everything lists the names of all that a script reaches from its globals, by tables and metatables.
const everything = `
local names, seen, queue = {}, { [_G] = true }, { { "", _G }, { "(string).", getmetatable("") } }
for _, entry in ipairs(queue) do
	local prefix, t = entry[1], entry[2]
	local function add(name, v)
		names[#names + 1] = name .. (type(v) == "function" and "()" or "")
		if type(v) == "table" and not seen[v] then
			seen[v] = true
			queue[#queue + 1] = { name .. ".", v }
		end
	end
	local keys = {}
	for k in pairs(t) do keys[#keys + 1] = k end
	table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
	for _, k in ipairs(keys) do add(prefix .. tostring(k), t[k]) end
	if getmetatable(t) then add(prefix .. "metatable", getmetatable(t)) end
end
table.sort(names)
return table.concat(names, "\n")`

// What scripts in the sandbox reach is listed in a golden file: an addition shows.
func TestSandboxGlobals(t *testing.T) {
	h := hosttest.New(t, append(all.Options(), host.WithSandbox(), host.WithOutput(io.Discard))...)
	got := h.Eval(everything)[0].(string) + "\n"
	golden.Check(t, "testdata/sandbox.golden", got, *update)
}

// Code is read from the folder of the script and those of the host's templates, by no way from elsewhere.
func TestSandboxRoots(t *testing.T) {
	base := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(base, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("secret.lua", `return "secret"`)
	write("outside/secret.lua", `return "secret"`)
	write("app/part/inner.lua", `return "inner"`)
	write("lib/extra.lua", `return "extra"`)
	write("app/binary.lua", "\x1bLua")
	link := func(target, name string) {
		if err := os.Symlink(filepath.Join(base, target), filepath.Join(base, name)); err != nil && runtime.GOOS != "windows" {
			t.Fatal(err)
		}
	}
	link("secret.lua", "app/link.lua")
	link("outside", "app/linked")
	write("app/main.lua", `
local skynet = require "skynet"
local base = ...
package.path = package.path .. ";" .. base .. "/?.lua;"
local failed = {}
local function check(name, ok, v) if ok then failed[#failed + 1] = name .. " gives " .. tostring(v) end end
local function works(name, ok, v) if not ok then failed[#failed + 1] = name .. ": " .. tostring(v) end end
works("part.inner", pcall(require, "part.inner"))
works("extra", pcall(require, "extra"))
works("loadfile", loadfile(base .. "/app/part/inner.lua"))
works("dofile", pcall(dofile, base .. "/app/part/../part/inner.lua"))
for _, module in ipairs { "secret", "../secret", "..secret", "../../secret", "link", "linked.secret", "/secret", base .. "/secret", "binary", "lfs" } do
	check("require " .. module, pcall(require, module))
end
for _, file in ipairs { base .. "/secret.lua", base .. "/app/../secret.lua", "../secret.lua", "/etc/passwd",
	base .. "/app/link.lua", base .. "/app/linked/secret.lua" } do
	check("loadfile " .. file, loadfile(file))
	check("dofile " .. file, pcall(dofile, file))
	check("searchpath " .. file, package.searchpath("x", file))
	check("codecache " .. file, require "skynet.codecache".loadfile(file))
end
check("loadfile of standard input", loadfile())
check("loadfile of a binary chunk", loadfile(base .. "/app/binary.lua"))
check("a binary chunk", load(string.dump(function() end)))
check("package.loadlib", package.loadlib)
check("socket.bind", require "skynet.socket".bind(0))
skynet.start(function()
	for _, service in ipairs { "../secret", base .. "/secret.lua", "link", "binary" } do
		check("newservice " .. service, pcall(skynet.newservice, service))
	end
	if #failed > 0 then error(table.concat(failed, "\n")) end
end)`)
	// This folder is the current one, but none of the sandbox.
	h, err := host.New(append(all.Options(), host.WithSandbox(), host.WithOutput(io.Discard),
		host.WithModulePath(filepath.Join(base, "lib", "?.lua")))...)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	if _, err := h.Start(context.Background(), filepath.Join(base, "app", "main.lua"), filepath.ToSlash(base)); err != nil {
		t.Error(err)
	}
	if err := h.MayRead("sandbox_test.go"); err == nil {
		t.Error("a file of the current folder may be read")
	}
}
