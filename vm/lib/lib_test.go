package lib_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/luahost/luahost/internal/golden"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// run runs a program in a new state of the set.
func run(t testing.TB, l *lib.Set, source string) ([]vm.Value, error) {
	t.Helper()
	s := vm.NewState(vm.Options{})
	t.Cleanup(s.Close)
	l.Open(s)
	return runIn(t, s, source)
}

func runIn(t testing.TB, s *vm.State, source string) ([]vm.Value, error) {
	t.Helper()
	f, err := s.Load(source, "@test.lua", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Main().Call(f)
	return append([]vm.Value(nil), results...), err
}

// text runs a program and returns its one result as text.
func text(t testing.TB, l *lib.Set, source string) string {
	t.Helper()
	results, err := run(t, l, source)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}
	return vm.Text(results[0])
}

// reachable lists what a script reaches by name: the globals, and the fields of those that are tables.
const reachable = `
local names = {}
for k, v in pairs(_G) do
  names[#names + 1] = k
  if type(v) == "table" and v ~= _G then
    for field in pairs(v) do names[#names + 1] = k .. "." .. field end
  end
end
table.sort(names)
return table.concat(names, "\n")`

// What the sandbox lets scripts reach is listed in a golden file: an addition shows.
func TestSandboxGlobals(t *testing.T) {
	got := text(t, lib.New(lib.Options{Profile: lib.Sandbox}), reachable) + "\n"
	golden.Check(t, "testdata/sandbox.golden", got, *update)
}

func TestSandboxRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "module.lua")
	if err := os.WriteFile(file, []byte("return 'from disk'"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET", "value")
	l := lib.New(lib.Options{Profile: lib.Sandbox, Path: filepath.Join(filepath.Dir(file), "?.lua")})
	for _, test := range []struct{ name, source, want string }{
		{"disk modules", `return select(2, pcall(require, "module")):match("module 'module' not found")`, "module 'module' not found"},
		{"files that exist", fmt.Sprintf(`return tostring(package.searchpath("x", %q))`, file), "nil"},
		{"the environment", `return tostring(os.getenv("SECRET"))`, "nil"},
		{"binary chunks", `return select(2, load(string.dump(function() end)))`, "attempt to load a binary chunk (mode is 't')"},
		{"binary chunks by mode", `return select(2, load(string.dump(function() end), "x", "b"))`, "attempt to load a binary chunk (mode is '')"},
		{"metatables of basic types", `return tostring(debug.setmetatable)`, "nil"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := text(t, l, test.source); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOpenHook(t *testing.T) {
	files := fstest.MapFS{
		"a.lua":      {Data: []byte("return 'a of ' .. ...")},
		"dir/b.lua":  {Data: []byte("return require 'a'")},
		"broken.lua": {Data: []byte("x = = 1")},
	}
	var asked []string
	l := lib.New(lib.Options{
		Profile: lib.Sandbox,
		Path:    "?.lua",
		Open: func(_ *vm.State, path string) (fs.File, error) {
			asked = append(asked, path)
			return files.Open(filepath.ToSlash(path))
		},
	})
	if got := text(t, l, `return require "dir.b"`); got != "a of a" {
		t.Errorf("got %q", got)
	}
	_, err := run(t, l, `require "broken"`)
	want := "error loading module 'broken' from file 'broken.lua':\n\tbroken.lua:1: unexpected symbol near '='"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(asked) == 0 || !strings.HasSuffix(asked[0], "b.lua") {
		t.Errorf("asked for %v", asked)
	}
}

func TestModulesOfTheHost(t *testing.T) {
	disk := t.TempDir()
	if err := os.WriteFile(filepath.Join(disk, "both.lua"), []byte("return 'disk'"), 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	l := lib.New(lib.Options{
		Path: filepath.Join(disk, "?.lua"),
		Modules: fstest.MapFS{
			"both.lua":       {Data: []byte("return 'embedded'")},
			"web/frame.lua":  {Data: []byte("return debug.getinfo(1, 'S').source .. ' ' .. select(2, ...)")},
			"web/init.lua":   {Data: []byte("return 'init of ' .. ...")},
			"failing.lua":    {Data: []byte("error('on purpose')")},
			"broken/bad.lua": {Data: []byte("return return")},
		},
		OnRequire: func(_ *vm.State, r lib.Requirement) {
			told = append(told, fmt.Sprintf("%s %s %s", r.Importer, r.Module, filepath.Base(r.File)))
		},
	})
	for _, test := range []struct{ source, want string }{
		{`return require "both"`, "disk"},
		{`return require "web.frame"`, "@lualib/web/frame.lua lualib/web/frame.lua"},
		{`return require "web"`, "init of web"},
		{`return select(2, pcall(require, "failing"))`, "lualib/failing.lua:1: on purpose"},
		{`return select(2, pcall(require, "broken.bad")):match(":\n\t(.*)")`, "lualib/broken/bad.lua:1: unexpected symbol near 'return'"},
		{`return select(2, pcall(require, "../etc/passwd")):match("^[^\n]*")`, "module '../etc/passwd' not found:"},
		{`return select(2, pcall(require, "")):match("^[^\n]*")`, "module '' not found:"},
	} {
		if got := text(t, l, test.source); got != test.want {
			t.Errorf("%s: got %q, want %q", test.source, got, test.want)
		}
	}
	want := []string{
		"@test.lua both both.lua", "@test.lua web.frame frame.lua", "@test.lua web init.lua", "@test.lua failing failing.lua",
	}
	if d := cmp.Diff(want, told); d != "" {
		t.Errorf("OnRequire (- wanted, + told):\n%s", d)
	}
}

// A module's code may yield while require waits for it.
func TestRequireYields(t *testing.T) {
	l := lib.New(lib.Options{Modules: fstest.MapFS{
		"outer.lua": {Data: []byte("return require 'inner' .. coroutine.yield('outer')")},
		"inner.lua": {Data: []byte("return coroutine.yield('inner')")},
	}})
	got := text(t, l, `
		local co = coroutine.wrap(function() return require "outer" end)
		return co() .. " " .. co("1") .. " " .. co("2") .. " " .. package.loaded.outer`)
	if got != "inner outer 12 12" {
		t.Errorf("got %q", got)
	}
}

func TestExit(t *testing.T) {
	var out bytes.Buffer
	l := lib.New(lib.Options{Stdout: &out})
	_, err := run(t, l, `io.write("written") pcall(function() coroutine.wrap(function() os.exit(7) end)() end) print("not reached")`)
	var exit *lib.ExitError
	if !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("got %v", err)
	}
	if out.String() != "written" {
		t.Errorf("printed %q", out.String())
	}
	type call struct {
		code    int
		closing bool
	}
	var calls []call
	l = lib.New(lib.Options{Stdout: &out, Exit: func(_ *vm.Call, code int, closing bool) error {
		calls = append(calls, call{code, closing})
		return nil
	}})
	if _, err := run(t, l, `os.exit() os.exit(true) os.exit(false, true) os.exit(9)`); err != nil {
		t.Fatal(err)
	}
	want := []call{{0, false}, {0, false}, {1, true}, {9, false}}
	if d := cmp.Diff(want, calls, cmp.AllowUnexported(call{})); d != "" {
		t.Errorf("calls of Exit:\n%s", d)
	}
}

func TestEnv(t *testing.T) {
	l := lib.New(lib.Options{Profile: lib.Sandbox, Env: func(name string) (string, bool) { return name + "!", name != "NONE" }})
	if got := text(t, l, `return os.getenv("A") .. tostring(os.getenv("NONE"))`); got != "A!nil" {
		t.Errorf("got %q", got)
	}
}

// Lines of many states come out whole, in the order of each state.
func TestPrintFromManyStates(t *testing.T) {
	const states, lines = 8, 500
	var out bytes.Buffer
	l := lib.New(lib.Options{Stdout: &out})
	var wait sync.WaitGroup
	for i := range states {
		wait.Go(func() {
			if _, err := run(t, l, fmt.Sprintf(`for i = 1, %d do print("state", %d, "line", i) end`, lines, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	var next [states]int
	for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		var state, n int
		if _, err := fmt.Sscanf(line, "state\t%d\tline\t%d", &state, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if next[state]++; n != next[state] {
			t.Fatalf("state %d: line %d after %d", state, n, next[state]-1)
		}
	}
	for state, n := range next {
		if n != lines {
			t.Errorf("state %d: %d lines", state, n)
		}
	}
}

// The libraries of one state are its own: what one writes to them, others do not see.
func TestStatesAreApart(t *testing.T) {
	l := lib.New(lib.Options{})
	if _, err := run(t, l, `string.mine = 1 math.pi = 3 _G.print = nil package.path = "x" getmetatable("").__index = nil io.stdout.x = 1`); err == nil {
		t.Error("a file handle took a field")
	}
	if got := text(t, l, `return tostring(string.mine) .. math.pi .. type(print) .. ("x"):rep(2) .. #package.path`); !strings.HasPrefix(got, "nil3.1415926535898functionxx") {
		t.Errorf("got %q", got)
	}
}

// Files that a script leaves open are written out by Close, or closed once nobody holds them.
func TestFilesLeftOpen(t *testing.T) {
	dir := t.TempDir()
	held, dropped := filepath.Join(dir, "held"), filepath.Join(dir, "dropped")
	l := lib.New(lib.Options{})
	s := vm.NewState(vm.Options{})
	defer s.Close()
	l.Open(s)
	if _, err := runIn(t, s, fmt.Sprintf(`f = io.open(%q, "w") f:write("held")`, held)); err != nil {
		t.Fatal(err)
	}
	if _, err := runIn(t, s, fmt.Sprintf(`do local f = io.open(%q, "w") f:write("dropped") end`, dropped)); err != nil {
		t.Fatal(err)
	}
	content := func(file string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if _, err := runIn(t, s, `local function clear(n) if n > 0 then local a, b, c = n, n, n return clear(n - 1) + 0 end return 0 end clear(50)`); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); content(dropped) == "" && time.Now().Before(deadline); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if got := content(dropped); got != "dropped" {
		t.Errorf("the dropped file holds %q", got)
	}
	if got := content(held); got != "" {
		t.Errorf("the held file holds %q before Close", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := content(held); got != "held" {
		t.Errorf("the held file holds %q", got)
	}
}

// failingWriter stands for a full disk.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrors(t *testing.T) {
	l := lib.New(lib.Options{Stdout: failingWriter{}, Stderr: failingWriter{}})
	got := text(t, l, `
		local out = {}
		local function note(...) out[#out + 1] = table.concat({tostring((...)), tostring((select(2, ...)))}, ":") end
		note(io.stderr:write("x")) note(io.write("x")) note(io.flush()) note(io.stdout:setvbuf("no")) note(io.write("y"))
		return table.concat(out, " ")`)
	if want := "nil:Disk full"; strings.Count(got, want) != 3 {
		t.Errorf("got %q, which is to have %q three times", got, want)
	}
	if err := l.Flush(); err != nil {
		t.Errorf("the error was told before: %v", err)
	}
}

// The memory limit holds for what is read from files, and the budget for long work.
func TestLimits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	l := lib.New(lib.Options{})
	for _, read := range []string{`f:read("*a")`, `f:read("*l")`, `f:read(4 * 1024 * 1024)`, `f:lines()()`, `f:read("*n")`} {
		s := vm.NewState(vm.Options{})
		l.Open(s)
		s.SetMemoryLimit(1 << 20)
		results, err := runIn(t, s, fmt.Sprintf(`local f = io.open(%q) return pcall(function() return %s end)`, file, read))
		s.Close()
		if strings.Contains(read, "*n") {
			continue // no number: nothing is kept
		}
		if err != nil || len(results) != 2 || vm.Text(results[1]) != "not enough memory" {
			t.Errorf("%s: %v %v", read, results, err)
		}
	}
	s := vm.NewState(vm.Options{})
	defer s.Close()
	l.Open(s)
	s.SetBudget(0, time.Now().Add(50*time.Millisecond))
	_, err := runIn(t, s, `pcall(load, function() return "x = 1 " end) while true do pcall(error) end`)
	var e *vm.Error
	if !errors.As(err, &e) || !e.Fatal() {
		t.Errorf("got %v", err)
	}
}

// Each name that a state has is there for a reason: the full profile has all names of the sandbox.
func TestFullHasSandbox(t *testing.T) {
	full := strings.Split(text(t, lib.New(lib.Options{}), reachable), "\n")
	sandbox := strings.Split(text(t, lib.New(lib.Options{Profile: lib.Sandbox}), reachable), "\n")
	for _, name := range sandbox {
		if i := sort.SearchStrings(full, name); i == len(full) || full[i] != name {
			t.Errorf("%s is in the sandbox only", name)
		}
	}
}

func TestStdin(t *testing.T) {
	var out bytes.Buffer
	l := lib.New(lib.Options{Stdin: strings.NewReader("line\n12 13\nreturn 'program ' .. ...\n"), Stdout: &out})
	got := text(t, l, `
		io.write("prompt> ")
		local line = io.read()
		local a, b = io.read("*n", "*n")
		return line .. a + b .. loadfile()("ran")`)
	if got != "line25program ran" {
		t.Errorf("got %q", got)
	}
	if out.String() != "prompt> " {
		t.Errorf("the prompt is not shown before reading: %q", out.String())
	}
}

func TestDebugDebug(t *testing.T) {
	var out bytes.Buffer
	l := lib.New(lib.Options{Stdin: strings.NewReader("x = 5\nprint(x)\nerror('bad', 0)\ncont\nprint('not read')\n"), Stdout: &out, Stderr: &out})
	if got := text(t, l, `debug.debug() return x`); got != "5" {
		t.Errorf("got %q", got)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "lua_debug> lua_debug> lua_debug> bad\nlua_debug> 5\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
