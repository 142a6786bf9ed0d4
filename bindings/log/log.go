// Package log implements the Lua module log: messages with a level and fields, handed to log/slog.
package log

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

const doc = `Messages with a level and fields.

` + "```lua" + `
log.info("player joined", {id = 7, name = "Ann"})
local room = log.with {room = "lobby"}
room:warn("nobody is here")
` + "```" + `

They go to the host's log, as lines such as ` + "`[:00000008] level=INFO msg=\"player joined\" id=7 name=Ann`" + `, or to
the slog handler that an embedder has chosen. Fields are written in the order of their names.

The levels are "debug", "info", "warn" and "error". What is below the service's level is dropped: that is "info",
unless the host's setting log_level says otherwise, or log.level.`

// levels are the levels as scripts name them, the lowest first.
var levels = []struct {
	name  string
	level slog.Level
}{
	{"debug", slog.LevelDebug},
	{"info", slog.LevelInfo},
	{"warn", slog.LevelWarn},
	{"error", slog.LevelError},
}

const levelType = `"debug"|"info"|"warn"|"error"`

// Modules returns the module log.
func Modules() []host.Module {
	m := module.New("log", doc).FilesFirst()
	own := module.Instance(m, newLogger)
	class := module.Type[logger](m, "logger", "Writes messages with fields of its own.")
	for _, l := range levels {
		const params = "(message: string, fields?: table<string, any>)"
		text := "Writes a message of level " + l.name + "."
		m.Func(l.name+params, func(c *vm.Call) error { return own(c).write(c, 1, l.level) }, text)
		class.Method(l.name+params, func(c *vm.Call) error { return class.Arg(c, 1).write(c, 2, l.level) }, text)
	}
	m.Func("with(fields) -> logger", func(l *logger, s *host.Service, fields *vm.Table) *logger { return l.with(s, fields) },
		"Returns what writes messages with these fields.")
	class.Method("with(fields) -> logger", (*logger).with, "Returns what writes messages with these fields too.")
	m.Func("level(level?: "+levelType+") -> level: "+levelType, setLevel,
		"Returns the service's level. If one is given, it is set before.")
	m.Func("enabled(level: "+levelType+") -> enabled", enabled, "Tells whether messages of a level are written.")
	return m.Modules()
}

// logger writes a service's messages.
type logger struct {
	slog  *slog.Logger
	level *slog.LevelVar // of the service
}

func newLogger(s *host.Service) (*logger, error) {
	l := &logger{slog: slog.New(handlerOf(s)), level: new(slog.LevelVar)}
	if name, ok := s.Host().Getenv("log_level"); ok {
		level, known := levelOf(name)
		if !known {
			return nil, fmt.Errorf("setting log_level: '%s' is none of debug, info, warn, error", name)
		}
		l.level.Set(level)
	}
	return l, nil
}

func levelOf(name string) (slog.Level, bool) {
	for _, l := range levels {
		if l.name == name {
			return l.level, true
		}
	}
	return 0, false
}

// enabled tells whether messages of a level are written: what is dropped must cost little.
func (l *logger) enabled(level slog.Level) bool {
	return level >= l.level.Level() && l.slog.Enabled(context.Background(), level)
}

// write writes the message that is argument i, with the fields that follow it.
func (l *logger) write(c *vm.Call, i int, level slog.Level) error {
	message := c.CheckString(i)
	var fields *vm.Table
	if !c.Arg(i + 1).IsNil() {
		fields = c.CheckTable(i + 1)
	}
	if l.enabled(level) {
		l.slog.LogAttrs(context.Background(), level, message, attrs(host.ServiceOf(c), fields)...)
	}
	return nil
}

func (l *logger) with(s *host.Service, fields *vm.Table) *logger {
	return &logger{slog: slog.New(l.slog.Handler().WithAttrs(attrs(s, fields))), level: l.level}
}

// attrs returns the fields of a table, in the order of their names.
func attrs(s *host.Service, fields *vm.Table) []slog.Attr {
	if fields == nil {
		return nil
	}
	var list []slog.Attr
	add := func(k, v vm.Value) { list = append(list, slog.Attr{Key: s.ToString(k), Value: value(s, v)}) }
	for i, v := range fields.Array() {
		if !v.IsNil() {
			add(vm.Int(i+1), v)
		}
	}
	for k, v := range fields.Fields {
		add(k, v)
	}
	slices.SortFunc(list, func(a, b slog.Attr) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// value converts the value of a field. Tables keep their structure, unless they have a text of their own.
func value(s *host.Service, v vm.Value) slog.Value {
	switch v.Kind() {
	case vm.KindNil:
		return slog.AnyValue(nil)
	case vm.KindBoolean:
		return slog.BoolValue(v.Truthy())
	case vm.KindNumber:
		f, _ := v.AsNumber()
		if i := int64(f); float64(i) == f && i < 1<<53 && i > -1<<53 {
			return slog.Int64Value(i)
		}
		return slog.Float64Value(f)
	case vm.KindTable:
		if s.State().Metamethod(v, "__tostring").IsNil() {
			if x, err := module.ToGo(s.State(), v); err == nil {
				return slog.AnyValue(x)
			}
		}
	}
	return slog.StringValue(s.ToString(v))
}

func setLevel(l *logger, name *string) (string, error) {
	if name != nil {
		level, ok := levelOf(*name)
		if !ok {
			return "", module.ArgError(1, "unknown level '%s'", *name)
		}
		l.level.Set(level)
	}
	for _, known := range levels {
		if known.level == l.level.Level() {
			return known.name, nil
		}
	}
	return "info", nil
}

func enabled(l *logger, name string) (bool, error) {
	level, ok := levelOf(name)
	if !ok {
		return false, module.ArgError(1, "unknown level '%s'", name)
	}
	return l.enabled(level), nil
}
