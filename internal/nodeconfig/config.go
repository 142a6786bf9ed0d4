// Package nodeconfig reads the config file of a skynet node: a Lua program whose globals are the settings.
//
// $NAME anywhere in the file, also in comments, is replaced by the environment variable NAME, which must be set.
// include "file" reads another file, relative to the folder of the one that includes it. Values are strings, numbers and
// booleans; services see all of them as strings by skynet.getenv. Paths may be written with / or \.
package nodeconfig

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/luahost/luahost/vm"
)

// Config is the settings of a node.
type Config struct {
	values map[string]string
}

// defaults are the settings that every node has.
var defaults = map[string]string{
	"thread":     "8",
	"cpath":      "./cservice/?.so",
	"harbor":     "1",
	"bootstrap":  "snlua bootstrap",
	"logservice": "logger",
	"profile":    "true",
	"start":      "main",
	"luaservice": "./service/?.lua",
	"lualoader":  "./lualib/loader.lua",
	"lua_path":   "./lualib/?.lua;./lualib/?/init.lua",
	"lua_cpath":  "./luaclib/?.so",
}

// seen are the defaults that services see by skynet.getenv when the file doesn't have them; skynet keeps the others
// to itself.
var seen = []string{"thread", "cpath", "harbor", "bootstrap", "logservice", "profile"}

// What the files of a config may take: much more than any needs.
const (
	maxSteps  = 10_000_000 // calls and loop turns
	maxMemory = 64 << 20   // bytes
)

// Load reads a config file; getenv is os.LookupEnv, or stands for it.
//
// The error names the file, and the line where there is one.
func Load(file string, getenv func(string) (string, bool)) (*Config, error) {
	r := &reader{state: vm.NewState(vm.Options{}), getenv: getenv, dir: "."}
	r.state.SetBudget(maxSteps, time.Time{})
	r.state.SetMemoryLimit(maxMemory)
	r.result = r.state.NewTable(0, 32)
	meta := r.state.NewTable(0, 1)
	index := r.state.NewTable(0, 1)
	index.SetString("include", vm.Function("include", func(c *vm.Call) error { return r.include(c.CheckString(1)) }))
	meta.SetString("__index", index.Value())
	r.state.SetMetatable(r.result, meta)
	if err := r.include(file); err != nil {
		return nil, err
	}
	return r.config(file)
}

type reader struct {
	state  *vm.State
	result *vm.Table
	getenv func(string) (string, bool)
	dir    string // of the file that is being read
}

var variable = regexp.MustCompile(`\$([A-Za-z0-9_]+)`)

// include runs a file.
func (r *reader) include(name string) error {
	path := localPath(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	text, err := r.expand(strings.TrimPrefix(string(b), "\ufeff"), path)
	if err != nil {
		return err
	}
	outer := r.dir
	r.dir = filepath.Dir(path)
	defer func() { r.dir = outer }()
	f, err := r.state.Load(text, "@"+path, "t", r.result.Value())
	if err == nil {
		_, err = r.state.Current().Call(f)
	}
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return nil
}

// expand replaces $NAME by environment variables.
func (r *reader) expand(text, path string) (string, error) {
	var missing error
	out := variable.ReplaceAllStringFunc(text, func(match string) string {
		value, ok := r.getenv(match[1:])
		if !ok && missing == nil {
			line := 1 + strings.Count(text[:strings.Index(text, match)], "\n")
			missing = fmt.Errorf("config: %s:%d: the environment variable %s is not set (os.getenv() failed: %[3]s)", path, line, match[1:])
		}
		return value
	})
	return out, missing
}

// config turns the globals into settings.
func (r *reader) config(file string) (*Config, error) {
	c := &Config{values: map[string]string{}}
	var key, v vm.Value
	for {
		var err error
		if key, v, err = r.result.Next(key); err != nil || key.IsNil() {
			return c, err
		}
		name, ok := key.AsString()
		if !ok {
			return nil, fmt.Errorf("config: %s: Invalid config table", file)
		}
		switch v.Kind() {
		case vm.KindString, vm.KindNumber, vm.KindBoolean:
			c.values[name] = vm.Text(v)
		default:
			return nil, fmt.Errorf("config: %s: Invalid config table key = %s (a %s; want a string, number or boolean)", file, name, v.Kind())
		}
	}
}

// Get returns a setting, or its default; ok is false when it has neither.
func (c *Config) Get(key string) (value string, ok bool) {
	if value, ok = c.values[key]; !ok {
		value, ok = defaults[key]
	}
	return value, ok
}

// String returns a setting, its default, or "".
func (c *Config) String(key string) string {
	value, _ := c.Get(key)
	return value
}

// Int returns a setting that must be a whole number from least to most.
func (c *Config) Int(key string, least, most int) (int, error) {
	text := c.String(key)
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("config: %s = %q: want a number from %d to %d", key, text, least, most)
	}
	return n, nil
}

// Bool returns a setting that is true or false.
func (c *Config) Bool(key string) bool { return c.String(key) == "true" }

// Paths returns the templates of a setting such as "./service/?.lua;./test/?.lua".
func (c *Config) Paths(key string) []string {
	var list []string
	for _, t := range strings.Split(c.String(key), ";") {
		if t = strings.TrimSpace(t); t != "" {
			list = append(list, localPath(t))
		}
	}
	return list
}

// localPath writes a path with "/", which all systems take: scripts take paths apart, and messages show them.
func localPath(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// Environment returns what services see by skynet.getenv.
func (c *Config) Environment() map[string]string {
	env := maps.Clone(c.values)
	for _, key := range seen {
		if _, ok := env[key]; !ok {
			env[key] = defaults[key]
		}
	}
	return env
}

// Keys returns the names of the settings that the file has, sorted.
func (c *Config) Keys() []string { return slices.Sorted(maps.Keys(c.values)) }
