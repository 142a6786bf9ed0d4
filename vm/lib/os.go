package lib

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"time"

	"github.com/luahost/luahost/vm"
)

// osLibrary makes the library os (Lua 5.2 manual, section 6.9).
func (l *Set) osLibrary() *vm.Library {
	functions := []*vm.GoFunction{
		vm.NewFunction("os.clock", osClock),
		vm.NewFunction("os.date", osDate),
		vm.NewFunction("os.difftime", osDiffTime),
		vm.NewFunction("os.getenv", l.osGetEnv),
		vm.NewFunction("os.setlocale", osSetLocale),
		vm.NewFunction("os.time", osTime),
	}
	if !l.sandboxed() {
		functions = append(functions,
			vm.NewFunction("os.execute", l.osExecute),
			vm.NewFunction("os.exit", l.osExit),
			vm.NewFunction("os.remove", osRemove),
			vm.NewFunction("os.rename", osRename),
			vm.NewFunction("os.tmpname", osTmpName),
		)
	}
	return vm.NewLibrary("os", functions, nil)
}

// osClock tells the processor time of the process, in seconds.
func osClock(c *vm.Call) error { return c.Return(vm.Number(processorTime().Seconds())) }

func osDiffTime(c *vm.Call) error {
	return c.Return(vm.Number(float64(c.CheckInt(1)) - float64(c.OptInt(2, 0))))
}

func (l *Set) osGetEnv(c *vm.Call) error {
	if value, ok := l.options.Env(c.CheckString(1)); ok {
		return c.Return(c.State().NewString(value))
	}
	return c.Return(vm.Nil())
}

// osSetLocale knows the C locale alone.
func osSetLocale(c *vm.Call) error {
	locale := c.OptString(1, "C")
	checkOption(c, 2, "all", "all", "collate", "ctype", "monetary", "numeric", "time")
	switch locale {
	case "", "C", "POSIX":
		return c.Return(vm.String("C"))
	}
	return c.Return(vm.Nil())
}

// Processes and files.

// ExitError is the cause of the error by which os.exit ends a task, where Options has no Exit.
type ExitError struct {
	Code    int
	Closing bool // the script asked to close the state, which runs its finalizers
}

func (e *ExitError) Error() string { return fmt.Sprintf("exit with code %d", e.Code) }

func (l *Set) osExit(c *vm.Call) error {
	code := 0
	if ok, isBool := c.Arg(1).AsBool(); !isBool {
		code = c.OptInt(1, 0)
	} else if !ok {
		code = 1
	}
	if err := l.Flush(); err != nil && code == 0 {
		code = 1
	}
	if l.options.Exit != nil {
		return l.options.Exit(c, code, c.Arg(2).Truthy())
	}
	return vm.NewFatalError(&ExitError{code, c.Arg(2).Truthy()})
}

func (l *Set) osExecute(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		return c.Return(vm.Bool(hasShell()))
	}
	command := c.CheckString(1)
	if err := l.Flush(); err != nil {
		return pushFailure(c, "", err)
	}
	return pushExit(c, l.command(command).Run())
}

// command makes the command that runs a line of text with the script's standard streams. It reads input only from a
// file: of another reader it could take more than it needs.
func (l *Set) command(line string) *exec.Cmd {
	cmd := shell(line)
	if f, ok := l.options.Stdin.(*os.File); ok {
		cmd.Stdin = f
	}
	cmd.Stdout = l.files.stdout.forProcess()
	cmd.Stderr = l.files.stderr.forProcess()
	return cmd
}

func hasShell() bool {
	_, err := exec.LookPath(shell("").Path)
	return err == nil
}

// pushExit gives the results of os.execute and of closing a pipe: true or nil, "exit" or "signal", and the number of it.
func pushExit(c *vm.Call, err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		c.Push(vm.Bool(true), vm.String("exit"), vm.Int(0))
	case !errors.As(err, &exit):
		return pushFailure(c, "", err)
	default:
		what, code := exitStatus(exit.ProcessState)
		c.Push(vm.Nil(), vm.String(what), vm.Int(code))
	}
	return nil
}

func osRemove(c *vm.Call) error {
	name := c.CheckString(1)
	return pushOutcome(c, name, os.Remove(name))
}

func osRename(c *vm.Call) error {
	return pushOutcome(c, "", os.Rename(c.CheckString(1), c.CheckString(2)))
}

func osTmpName(c *vm.Call) error {
	f, err := os.CreateTemp("", "lua_")
	if err != nil {
		return c.Errorf("unable to generate a unique filename")
	}
	f.Close()
	return c.Return(c.State().NewString(f.Name()))
}

// Dates.

// dateFields are the fields of a date table that are numbers, in the order in which os.time reads them.
// A field without a default is required.
var dateFields = []struct {
	name     string
	missing  int
	required bool
	of       func(t time.Time) int
}{
	{"sec", 0, false, time.Time.Second},
	{"min", 0, false, time.Time.Minute},
	{"hour", 12, false, time.Time.Hour},
	{"day", 0, true, time.Time.Day},
	{"month", 0, true, func(t time.Time) int { return int(t.Month()) }},
	{"year", 0, true, time.Time.Year},
}

func osTime(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		return c.Return(vm.Int(int(time.Now().Unix())))
	}
	t := c.CheckTable(1)
	var values [6]int
	for i, field := range dateFields {
		v, err := c.Index(t.Value(), vm.String(field.name))
		if err != nil {
			return err
		}
		f, ok := vm.ToNumber(v)
		switch {
		case ok:
			values[i] = clampDate(f)
		case field.required:
			return c.Errorf("field '%s' missing in date table", field.name)
		default:
			values[i] = field.missing
		}
	}
	isDST, err := c.Index(t.Value(), vm.String("isdst"))
	if err != nil {
		return err
	}
	in := func(zone *time.Location) time.Time {
		return time.Date(values[5], time.Month(values[4]), values[3], values[2], values[1], values[0], 0, zone)
	}
	when := in(time.Local).Unix()
	if !isDST.IsNil() {
		when = in(time.UTC).Unix() - int64(offsetWith(in(time.Local), isDST.Truthy()))
	}
	return c.Return(vm.Int(int(when)))
}

// clampDate keeps a field in the range of C's int.
func clampDate(f float64) int {
	return int(max(math.MinInt32, min(math.MaxInt32, f)))
}

// offsetWith returns the zone's offset in the season when summer time is in force, or isn't, in seconds east of Greenwich.
// Where there is no such season it assumes an hour of difference, as C's mktime does.
func offsetWith(t time.Time, dst bool) int {
	for months := range 12 {
		if other := t.AddDate(0, months, 0); other.IsDST() == dst {
			_, offset := other.Zone()
			return offset
		}
	}
	_, offset := t.Zone()
	if dst {
		return offset + 3600
	}
	return offset - 3600
}

// The times whose years C's tm_year can hold.
const (
	firstSecond = -67768040609740800
	lastSecond  = 67768036191676799
)

func osDate(c *vm.Call) error {
	format := c.OptString(1, "%c")
	seconds := c.OptInt(2, int(time.Now().Unix()))
	if seconds < firstSecond || seconds > lastSecond {
		return c.Return(vm.Nil())
	}
	when := time.Unix(int64(seconds), 0)
	if format != "" && format[0] == '!' {
		format = format[1:]
		when = when.UTC()
	}
	if format == "*t" {
		return c.Return(dateTable(c.State(), when).Value())
	}
	if err := reserve(c.State(), 32*len(format)); err != nil {
		return err
	}
	text, ok := formatDate(format, when)
	if !ok {
		return c.ArgError(1, fmt.Sprintf("invalid conversion specifier '%%%s'", text))
	}
	return c.Return(c.State().NewString(string(text)))
}

func dateTable(s *vm.State, when time.Time) *vm.Table {
	t := s.NewTable(0, len(dateFields)+3)
	for _, field := range dateFields {
		t.SetString(field.name, vm.Int(field.of(when)))
	}
	t.SetString("wday", vm.Int(int(when.Weekday())+1))
	t.SetString("yday", vm.Int(when.YearDay()))
	t.SetString("isdst", vm.Bool(when.IsDST()))
	return t
}
