package lib

import (
	"strings"

	"github.com/luahost/luahost/vm"
)

// debugLibrary makes the library debug (Lua 5.2 manual, section 6.10).
func (l *Set) debugLibrary() *vm.Library {
	functions := []*vm.GoFunction{
		vm.NewFunction("debug.getinfo", debugGetInfo),
		vm.NewFunction("debug.traceback", debugTraceback),
	}
	if !l.sandboxed() {
		functions = append(functions,
			vm.NewFunction("debug.debug", l.debugDebug),
			vm.NewFunction("debug.gethook", debugGetHook),
			vm.NewFunction("debug.getlocal", debugGetLocal),
			vm.NewFunction("debug.getmetatable", debugGetMetatable),
			vm.NewFunction("debug.getregistry", debugGetRegistry),
			vm.NewFunction("debug.getupvalue", debugGetUpvalue),
			vm.NewFunction("debug.getuservalue", debugGetUserValue),
			vm.NewFunction("debug.sethook", debugSetHook),
			vm.NewFunction("debug.setlocal", debugSetLocal),
			vm.NewFunction("debug.setmetatable", debugSetMetatable),
			vm.NewFunction("debug.setupvalue", debugSetUpvalue),
			vm.NewFunction("debug.setuservalue", debugSetUserValue),
			vm.NewFunction("debug.upvalueid", debugUpvalueID),
			vm.NewFunction("debug.upvaluejoin", debugUpvalueJoin),
		)
	}
	return vm.NewLibrary("debug", functions, nil)
}

// optThread returns the coroutine that may be the first argument, and how many arguments it takes; else the running one.
func optThread(c *vm.Call) (t *vm.Thread, n int) {
	if t, ok := c.Arg(1).AsThread(); ok {
		return t, 1
	}
	return c.Thread(), 0
}

func debugTraceback(c *vm.Call) error {
	t, n := optThread(c)
	message, ok := vm.ToString(c.Arg(n + 1))
	if !ok && !c.Arg(n+1).IsNil() {
		return c.Return(c.Arg(n + 1)) // an error object: as it is
	}
	level := 0
	if t == c.Thread() {
		level = 1
	}
	trace := t.Traceback("", c.OptInt(n+2, level))
	if ok {
		trace = message + "\n" + trace
	}
	return c.Return(c.State().NewString(trace))
}

// debugGetInfo describes a function, or the one at a level of the stack.
func debugGetInfo(c *vm.Call) error {
	t, n := optThread(c)
	options := c.OptString(n+2, "flnStu")
	what := c.Arg(n + 1)
	var frame vm.Frame
	var info vm.FunctionInfo
	active := false
	if level, ok := vm.ToNumber(what); ok {
		if frame, active = t.Frame(int(level)); !active {
			return c.Return(vm.Nil())
		}
		info, what = frame.Inspect(), frame.Function()
	} else if what.IsFunction() {
		info = c.State().Inspect(what)
	} else {
		return c.ArgError(n+1, "function or level expected")
	}
	if strings.Trim(options, "SlnrutLf") != "" {
		return c.ArgError(n+2, "invalid option")
	}
	b := infoTable{c.State(), c.State().NewTable(0, 16)}
	for _, option := range []byte(options) {
		switch option {
		case 'S':
			b.source(info)
		case 'l':
			b.line(frame, active)
		case 'u':
			b.set("nups", vm.Int(info.Upvalues))
			b.set("nparams", vm.Int(info.Params))
			b.set("isvararg", vm.Bool(info.IsVararg))
		case 'n':
			b.name(frame, active)
		case 't':
			b.set("istailcall", vm.Bool(active && frame.IsTailCall()))
		case 'L':
			b.lines(info)
		case 'f':
			b.set("func", what)
		}
	}
	return c.Return(b.table.Value())
}

// infoTable is the result of getinfo in the making.
type infoTable struct {
	state *vm.State
	table *vm.Table
}

func (b infoTable) set(field string, v vm.Value) { b.table.SetString(field, v) }

func (b infoTable) source(info vm.FunctionInfo) {
	b.set("source", vm.String(info.Source))
	b.set("short_src", vm.String(info.ShortSource))
	b.set("what", vm.String(info.What))
	b.set("linedefined", vm.Int(info.LineDefined))
	b.set("lastlinedefined", vm.Int(info.LastLineDefined))
}

func (b infoTable) line(f vm.Frame, active bool) {
	line := -1
	if active {
		line = f.Line()
	}
	b.set("currentline", vm.Int(line))
}

func (b infoTable) name(f vm.Frame, active bool) {
	name, kind := "", ""
	if active {
		name, kind = f.Name()
	}
	if kind != "" {
		b.set("name", vm.String(name))
	}
	b.set("namewhat", vm.String(kind))
}

func (b infoTable) lines(info vm.FunctionInfo) {
	if info.What == "C" {
		return
	}
	lines := b.state.NewTable(0, len(info.Lines)/4)
	for _, line := range info.Lines {
		lines.SetInt(int(line), vm.Bool(true))
	}
	b.set("activelines", lines.Value())
}

// Variables.

func debugGetLocal(c *vm.Call) error {
	t, n := optThread(c)
	index := c.CheckInt(n + 2)
	if f := c.Arg(n + 1); f.IsFunction() {
		return pushName(c, c.State().ParameterName(f, index))
	}
	frame, ok := t.Frame(c.CheckInt(n + 1))
	if !ok {
		return c.ArgError(n+1, "level out of range")
	}
	name, v := frame.Local(index)
	if name == "" {
		return c.Return(vm.Nil())
	}
	c.Push(vm.String(name), v)
	return nil
}

func debugSetLocal(c *vm.Call) error {
	t, n := optThread(c)
	frame, ok := t.Frame(c.CheckInt(n + 1))
	if !ok {
		return c.ArgError(n+1, "level out of range")
	}
	v := c.CheckAny(n + 3)
	return pushName(c, frame.SetLocal(c.CheckInt(n+2), v))
}

func pushName(c *vm.Call, name string) error {
	if name == "" {
		return c.Return(vm.Nil())
	}
	return c.Return(vm.String(name))
}

func debugGetUpvalue(c *vm.Call) error {
	n := c.CheckInt(2)
	if name, v, ok := c.State().Upvalue(c.CheckFunction(1), n); ok {
		c.Push(vm.String(name), v)
	}
	return nil
}

func debugSetUpvalue(c *vm.Call) error {
	v := c.CheckAny(3)
	n := c.CheckInt(2)
	if name, ok := c.State().SetUpvalue(c.CheckFunction(1), n, v); ok {
		return c.Return(vm.String(name))
	}
	return nil
}

func debugUpvalueID(c *vm.Call) error {
	f, n := checkUpvalue(c, 1)
	id, _ := c.State().UpvalueID(f, n)
	return c.Return(id)
}

func debugUpvalueJoin(c *vm.Call) error {
	f, n := checkUpvalue(c, 1)
	g, m := checkUpvalue(c, 3)
	for i, f := range []vm.Value{f, g} {
		if !f.IsLuaFunction() {
			return c.ArgError(2*i+1, "Lua function expected")
		}
	}
	c.State().JoinUpvalues(f, n, g, m)
	return nil
}

// checkUpvalue returns two arguments: a function, and the number of one of its upvalues.
func checkUpvalue(c *vm.Call, i int) (f vm.Value, n int) {
	n = c.CheckInt(i + 1)
	f = c.CheckFunction(i)
	if _, _, ok := c.State().Upvalue(f, n); !ok {
		panic(c.ArgError(i+1, "invalid upvalue index"))
	}
	return f, n
}

// Metatables and user values.

// debugGetRegistry returns the registry, with what C Lua keeps at its first places (manual section 4.5).
func debugGetRegistry(c *vm.Call) error {
	s := c.State()
	s.Registry().SetInt(1, s.Main().Value())
	s.Registry().SetInt(2, s.Globals().Value())
	return c.Return(s.Registry().Value())
}

func debugGetMetatable(c *vm.Call) error {
	if m := c.State().Metatable(c.CheckAny(1)); m != nil {
		return c.Return(m.Value())
	}
	return c.Return(vm.Nil())
}

func debugSetMetatable(c *vm.Call) error {
	m := checkMetatable(c, 2)
	v := c.Arg(1)
	if t, ok := v.AsTable(); ok {
		c.State().SetMetatable(t, m)
	} else if u, ok := v.AsUserdata(); ok {
		u.SetMetatable(m)
	} else {
		c.State().SetTypeMetatable(v.Kind(), m)
	}
	return c.Return(v)
}

func debugGetUserValue(c *vm.Call) error {
	if u, ok := c.Arg(1).AsUserdata(); ok {
		return c.Return(u.UserValue())
	}
	return c.Return(vm.Nil())
}

func debugSetUserValue(c *vm.Call) error {
	u, ok := c.Arg(1).AsUserdata()
	if !ok {
		if c.Arg(1).Kind() == vm.KindLightUserdata {
			return c.ArgError(1, "full userdata expected, got light userdata")
		}
		return c.TypeError(1, "userdata")
	}
	if !c.Arg(2).IsNil() {
		c.CheckTable(2)
	}
	u.SetUserValue(c.Arg(2))
	return c.Return(c.Arg(1))
}

// Hooks.

// hookLetters are the events of a mask in the order that gethook writes them.
var hookLetters = []struct {
	letter string
	event  vm.HookEvents
}{{"c", vm.HookCall}, {"r", vm.HookReturn}, {"l", vm.HookLine}}

func debugSetHook(c *vm.Call) error {
	t, n := optThread(c)
	idle := c.State().Registry().GetString(idleHookKey)
	if hooks, ok := idle.AsTable(); ok {
		hooks.Set(t.Value(), vm.Nil())
	}
	if c.Arg(n + 1).IsNil() {
		t.SetHook(vm.Nil(), 0, 0)
		return nil
	}
	mask := c.CheckString(n + 2)
	f := c.CheckFunction(n + 1)
	count := c.OptInt(n+3, 0)
	var events vm.HookEvents
	for _, h := range hookLetters {
		if strings.Contains(mask, h.letter) {
			events |= h.event
		}
	}
	if count > 0 {
		events |= vm.HookCount
	}
	if t.SetHook(f, events, count); events == 0 {
		idleHooks(c.State()).Set(t.Value(), f)
	}
	return nil
}

// idleHookKey is the registry's field for hooks that were set for no event, by coroutine: gethook returns them.
const idleHookKey = "_HKEY"

func idleHooks(s *vm.State) *vm.Table {
	if t, ok := s.Registry().GetString(idleHookKey).AsTable(); ok {
		return t
	}
	t, meta := s.NewTable(0, 1), s.NewTable(0, 1)
	meta.SetString("__mode", vm.String("k"))
	s.SetMetatable(t, meta)
	s.Registry().SetString(idleHookKey, t.Value())
	return t
}

func debugGetHook(c *vm.Call) error {
	t, _ := optThread(c)
	f, events, count := t.Hook()
	if hooks, ok := c.State().Registry().GetString(idleHookKey).AsTable(); ok && f.IsNil() {
		f = hooks.Get(t.Value())
	}
	mask := ""
	for _, h := range hookLetters {
		if events&h.event != 0 {
			mask += h.letter
		}
	}
	c.Push(f, vm.String(mask), vm.Int(count))
	return nil
}

// debugDebug runs the lines that the user types until one is "cont".
func (l *Set) debugDebug(c *vm.Call) error {
	s := c.State()
	for {
		if err := l.files.stderr.write("lua_debug> "); err != nil {
			return err
		}
		v, err := l.files.stdin.readLine(s, false)
		line, ok := v.AsString()
		if err != nil || !ok || line == "cont" {
			return nil
		}
		f, err := l.compile(s, line, "=(debug command)", "t", s.Globals().Value())
		if err == nil {
			_, err = c.Call(f)
		}
		if err == nil {
			continue
		}
		if e, ok := err.(*vm.Error); ok && e.Fatal() {
			return e
		}
		if err := l.files.stderr.write(err.Error() + "\n"); err != nil {
			return err
		}
	}
}
