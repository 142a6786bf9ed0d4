package nodeconfig

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "common/base.lua", "include 'deeper.lua'\nroot = './'\nthread = 2\n")
	write(t, dir, "common/deeper.lua", "deep = true\n")
	file := write(t, dir, "config", `
include "common/base.lua"
thread = thread * 2 -- of $KIND
luaservice = root .. "service/?.lua; .\\test\\?.lua"
if $DAEMON then daemon = "./skynet.pid" end
harbor = 0
ratio = 1.5
name = "$KIND"
`)
	c, err := Load(file, environment(map[string]string{"KIND": "test", "DAEMON": "nil"}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"deep": "true", "root": "./", "thread": "4", "luaservice": "./service/?.lua; .\\test\\?.lua", "harbor": "0", "ratio": "1.5",
		"name": "test", "cpath": "./cservice/?.so", "bootstrap": "snlua bootstrap", "logservice": "logger", "profile": "true",
	}
	if got := c.Environment(); !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got, want := c.Paths("luaservice"), []string{"./service/?.lua", "./test/?.lua"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := c.String("start"); got != "main" {
		t.Errorf("start is %q", got)
	}
	if n, err := c.Int("thread", 1, 1024); n != 4 || err != nil {
		t.Errorf("thread is %d, %v", n, err)
	}
	if _, err := c.Int("thread", 1, 3); err == nil {
		t.Error("4 is from 1 to 3")
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"variable", "a = 1\n-- $MISSING\n", "config:2: the environment variable MISSING is not set"},
		{"table", "list = {}", "Invalid config table key = list (a table"},
		{"function", "f = function() end", "Invalid config table key = f (a function"},
		{"syntax", "a = = 1", "config:1: unexpected symbol near '='"},
		{"run", "a = b.c", "config:1: attempt to index global 'b' (a nil value)"},
		{"include", "include 'nowhere'", "nowhere"},
		{"itself", "include 'config'", "C stack overflow"},
		{"endless", "a = 1\nwhile true do end", "config:2: instruction budget of 10000000 exceeded"},
		{"huge", "a = 'xxxxxxxx'\nb = a\n::again::\nb = b .. b\ngoto again", "not enough memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(write(t, t.TempDir(), "config", tt.text), environment(nil))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// FuzzLoad: whatever the file says, Load gives settings or an error.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "thread = 8\nharbor = 0", "root = './' lua_path = root .. '?.lua;' .. root .. '?/init.lua'",
		"-- $HOME\nname = '$HOME'", "include 'config'", "include()", "a = {}", "x = include", "[1] = 2", "return 1",
		"_ENV = nil", "local a <const> = 1", "goto x ::x:: a = 0/0 b = 1/0 c = -0.0 d = true", "\x1bLua", "#!/bin/sh\na = 1", "\ufeffa = '\\255\\0'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(write(t, t.TempDir(), "config", text), environment(map[string]string{"HOME": "/home"}))
		if (c == nil) == (err == nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "config: ") {
				t.Errorf("an error of nothing: %v", err)
			}
			return
		}
		c.Environment()
		for _, key := range c.Keys() {
			c.Paths(key)
		}
	})
}
