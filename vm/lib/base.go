package lib

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/bytecode"
	"github.com/luahost/luahost/vm/internal/number"
)

// newGlobals makes the basic functions (Lua 5.2 manual, section 6.1), beside the tables of the other libraries.
func (l *Set) newGlobals(tables map[string]func(s *vm.State) vm.Value) *vm.Library {
	functions := []*vm.GoFunction{
		vm.NewFunction("assert", assert),
		vm.NewFunction("collectgarbage", collectGarbage),
		vm.NewFunction("error", raise),
		vm.NewFunction("getmetatable", getMetatable),
		vm.NewFunction("ipairs", newIpairs()),
		vm.NewFunction("load", l.load),
		vm.NewFunction("loadstring", l.load),
		vm.NewFunction("module", module),
		nextFunction,
		vm.NewFunction("pairs", pairs),
		vm.NewFunction("pcall", pcall),
		vm.NewFunction("print", l.print),
		vm.NewFunction("rawequal", rawEqual),
		vm.NewFunction("rawget", rawGet),
		vm.NewFunction("rawlen", rawLen),
		vm.NewFunction("rawset", rawSet),
		vm.NewFunction("require", l.require),
		vm.NewFunction("select", selectArguments),
		vm.NewFunction("setmetatable", setMetatable),
		vm.NewFunction("tonumber", toNumber),
		toStringFunction,
		vm.NewFunction("type", typeOf),
		vm.NewFunction("xpcall", xpcall),
	}
	if !l.sandboxed() || l.opens {
		functions = append(functions,
			vm.NewFunction("dofile", l.doFile),
			vm.NewFunction("loadfile", l.loadFile),
		)
	}
	constants := map[string]vm.Value{"_VERSION": vm.String("Lua 5.2"), "unpack": unpackFunction.Value()}
	return vm.NewLazyLibrary("_G", functions, constants, tables)
}

func assert(c *vm.Call) error {
	if c.Arg(1).Truthy() {
		return c.ReturnArgs(1)
	}
	if message := c.Arg(2); c.NArgs() >= 2 && !message.IsNil() {
		if text, ok := vm.ToString(message); ok {
			return c.Errorf("%s", text)
		}
		return vm.NewError(message) // any value, as from Lua 5.3 on
	}
	return c.Errorf("assertion failed!")
}

func raise(c *vm.Call) error {
	v := c.Arg(1)
	level := c.OptInt(2, 1)
	if text, ok := vm.ToString(v); ok && level > 0 {
		v = c.State().NewString(c.Where(level) + text)
	}
	return vm.NewError(v)
}

func pcall(c *vm.Call) error {
	c.CheckAny(1)
	return c.PCall()
}

func xpcall(c *vm.Call) error {
	if c.NArgs() < 2 {
		return c.ArgError(2, "value expected")
	}
	return c.XPCall()
}

// toStringFunction is known to print, which need not call it.
var toStringFunction = vm.NewFunction("tostring", toString)

func toString(c *vm.Call) error {
	v := c.CheckAny(1)
	if h := stringHandler(c.State(), v); !h.IsNil() {
		return c.CallThen(stringResult, h, v)
	}
	return c.Return(text(c.State(), v))
}

// stringHandler returns the __tostring of v, or nil.
func stringHandler(s *vm.State, v vm.Value) vm.Value {
	switch v.Kind() {
	case vm.KindString:
		return vm.Value{}
	default:
		return s.Metamethod(v, "__tostring")
	}
}

// stringResult passes on what a __tostring returned, a number as its text.
func stringResult(c *vm.Call) error {
	v := c.Arg(1)
	if v.Kind() == vm.KindNumber {
		v = text(c.State(), v)
	}
	return c.Return(v)
}

func text(s *vm.State, v vm.Value) vm.Value {
	if v.Kind() == vm.KindString {
		return v
	}
	return s.NewString(vm.Text(v))
}

// print writes its arguments, as the global function tostring shows them, to standard output.
func (l *Set) print(c *vm.Call) error {
	if c.State().Quiet() {
		return nil
	}
	var room [256]byte
	line := room[:0]
	tostring := c.State().Globals().GetString("tostring")
	for i := 1; i <= c.NArgs(); i++ {
		if i > 1 {
			line = append(line, '\t')
		}
		v := c.Arg(i)
		switch {
		case !vm.RawEqual(tostring, toStringFunction.Value()), !stringHandler(c.State(), v).IsNil():
			results, err := c.Call(tostring, v)
			if err != nil {
				return err
			}
			text, ok := "", false
			if len(results) > 0 {
				text, ok = vm.ToString(results[0])
			}
			if !ok {
				return c.Errorf("'tostring' must return a string to 'print'")
			}
			line = append(line, text...)
		case v.Kind() == vm.KindNumber:
			f, _ := v.AsNumber()
			line = number.Append(line, f)
		default:
			line = append(line, vm.Text(v)...)
		}
	}
	line = append(line, '\n')
	if err := work(c.State(), len(line)); err != nil {
		return err
	}
	_ = l.files.stdout.write(string(line)) // as in C Lua, nobody is told
	return nil
}

func typeOf(c *vm.Call) error { return c.Return(typeNames[c.CheckAny(1).Kind()]) }

var typeNames = func() (names [vm.KindThread + 1]vm.Value) {
	for k := range names {
		names[k] = vm.String(vm.Kind(k).String())
	}
	return names
}()

func toNumber(c *vm.Call) error {
	v := c.CheckAny(1)
	if c.Arg(2).IsNil() {
		if s, ok := v.AsString(); ok {
			if err := work(c.State(), len(s)); err != nil {
				return err
			}
		}
		if f, ok := vm.ToNumber(v); ok {
			return c.Return(vm.Number(f))
		}
		return c.Return(vm.Nil())
	}
	digits := c.CheckString(1)
	base := c.CheckInt(2)
	if base < 2 || base > 36 {
		return c.ArgError(2, "base out of range")
	}
	if err := work(c.State(), len(digits)); err != nil {
		return err
	}
	if f, ok := number.ParseBase(digits, base); ok {
		return c.Return(vm.Number(f))
	}
	return c.Return(vm.Nil())
}

func selectArguments(c *vm.Call) error {
	if s, ok := c.Arg(1).AsString(); ok && strings.HasPrefix(s, "#") {
		return c.Return(vm.Int(c.NArgs() - 1))
	}
	i, n := c.CheckInt(1), c.NArgs()
	if i < 0 {
		i += n
	}
	if i < 1 {
		return c.ArgError(1, "index out of range")
	}
	return c.ReturnArgs(min(i, n) + 1)
}

func rawEqual(c *vm.Call) error {
	return c.Return(vm.Bool(vm.RawEqual(c.CheckAny(1), c.CheckAny(2))))
}

func rawGet(c *vm.Call) error {
	return c.Return(c.CheckTable(1).Get(c.CheckAny(2)))
}

func rawSet(c *vm.Call) error {
	t := c.CheckTable(1)
	if err := t.Set(c.CheckAny(2), c.CheckAny(3)); err != nil {
		return vm.NewError(vm.String(err.Error())) // without a position, as in C Lua
	}
	return c.Return(t.Value())
}

func rawLen(c *vm.Call) error {
	v := c.Arg(1)
	if t, ok := v.AsTable(); ok {
		return c.Return(vm.Int(t.Len()))
	}
	if s, ok := v.AsString(); ok {
		return c.Return(vm.Int(len(s)))
	}
	return c.ArgError(1, "table or string expected")
}

func getMetatable(c *vm.Call) error {
	m := c.State().Metatable(c.CheckAny(1))
	if m == nil {
		return c.Return(vm.Nil())
	}
	if protected := m.GetString("__metatable"); !protected.IsNil() {
		return c.Return(protected)
	}
	return c.Return(m.Value())
}

func setMetatable(c *vm.Call) error {
	t := c.CheckTable(1)
	m := checkMetatable(c, 2)
	if old := t.Metatable(); old != nil && !old.GetString("__metatable").IsNil() {
		return c.Errorf("cannot change a protected metatable")
	}
	c.State().SetMetatable(t, m)
	return c.Return(t.Value())
}

// checkMetatable returns an argument that is a table, or nil for nil.
func checkMetatable(c *vm.Call, i int) *vm.Table {
	m, ok := c.Arg(i).AsTable()
	if !ok && (i > c.NArgs() || !c.Arg(i).IsNil()) {
		panic(c.ArgError(i, "nil or table expected"))
	}
	return m
}

// Traversal.

var nextFunction = vm.NewNext("next", func(c *vm.Call) error {
	k, v, err := c.CheckTable(1).Next(c.Arg(2))
	switch {
	case err != nil:
		return vm.NewError(vm.String(err.Error())) // without a position, as in C Lua
	case k.IsNil():
		return c.Return(k)
	}
	c.Push(k, v)
	return nil
})

func pairs(c *vm.Call) error {
	v := c.Arg(1)
	if h := c.State().Metamethod(v, "__pairs"); !h.IsNil() {
		return c.CallThen(threeResults, h, v)
	}
	c.Push(nextFunction.Value(), c.CheckTable(1).Value(), vm.Nil())
	return nil
}

func newIpairs() vm.Func {
	step := vm.NewIpairsStep("ipairs_aux", func(c *vm.Call) error {
		t := c.CheckTable(1)
		i := c.CheckInt(2) + 1
		v := t.GetInt(i)
		if v.IsNil() {
			return c.Return(v)
		}
		c.Push(vm.Int(i), v)
		return nil
	}).Value()
	return func(c *vm.Call) error {
		if h := c.State().Metamethod(c.Arg(1), "__ipairs"); !h.IsNil() {
			return c.CallThen(threeResults, h, c.Arg(1))
		}
		c.Push(step, c.CheckTable(1).Value(), vm.Int(0))
		return nil
	}
}

func threeResults(c *vm.Call) error {
	c.Push(c.Arg(1), c.Arg(2), c.Arg(3))
	return nil
}

// Chunks.

// load compiles a string, or the pieces that a function returns. Its first argument may be a number, as its text.
func (l *Set) load(c *vm.Call) error {
	chunk, isString := vm.ToString(c.Arg(1))
	name := c.OptString(2, chunk)
	mode := c.OptString(3, "bt")
	if !isString {
		name = c.OptString(2, "=(load)")
		reader := c.CheckFunction(1)
		var err error
		if chunk, err = readPieces(c, reader); err != nil {
			return loadError(c, err)
		}
	}
	f, err := l.compile(c.State(), chunk, name, mode, environment(c, 4))
	if err != nil {
		return loadError(c, err)
	}
	if c.NArgs() < 4 && strings.HasPrefix(chunk, vm.Signature[:1]) && c.State().Inspect(f).Upvalues != 1 {
		c.State().SetUpvalue(f, 1, vm.Nil()) // C Lua gives the globals to a function of a single upvalue only
	}
	return c.Return(f)
}

// readPieces joins what a function returns until it returns nothing more.
func readPieces(c *vm.Call, reader vm.Value) (string, error) {
	chunk := textBuffer{state: c.State()}
	for {
		results, err := c.Call(reader)
		if err != nil {
			return "", err
		}
		if len(results) == 0 || results[0].IsNil() {
			break
		}
		piece, ok := vm.ToString(results[0])
		if !ok {
			return "", c.Errorf("reader function must return a string")
		}
		if piece == "" {
			break
		}
		if err := chunk.append(piece); err != nil {
			return "", err
		}
	}
	text, _ := chunk.take().AsString()
	return text, nil
}

// compileWork is for how many copied bytes the compilation of one counts.
const compileWork = 16

// compile makes a function of a chunk.
func (l *Set) compile(s *vm.State, chunk, name, mode string, env vm.Value) (vm.Value, error) {
	if l.sandboxed() {
		mode = strings.ReplaceAll(mode, "b", "")
	}
	if err := work(s, compileWork*len(chunk)); err != nil {
		return vm.Nil(), err
	}
	return s.Load(chunk, name, mode, env)
}

// environment returns argument i if that is there, be it nil, else the globals.
func environment(c *vm.Call, i int) vm.Value {
	if i <= c.NArgs() {
		return c.Arg(i)
	}
	return c.State().Globals().Value()
}

// loadError returns nil and an error as load does, unless nothing may stop the error.
func loadError(c *vm.Call, err error) error {
	var e *vm.Error
	if !errors.As(err, &e) {
		c.Push(vm.Nil(), c.State().NewString(err.Error()))
		return nil
	}
	if e.Fatal() {
		return e
	}
	c.Push(vm.Nil(), e.Value)
	return nil
}

// loadFile compiles a file, or standard input. Text that other states have loaded too is compiled once.
func (l *Set) loadFile(c *vm.Call) error {
	mode := c.OptString(2, "bt")
	path := c.OptString(1, "")
	f, err := l.loadPath(c.State(), path, mode, environment(c, 3))
	if err != nil {
		return loadError(c, err)
	}
	l.included(c, path, f)
	return c.Return(f)
}

func (l *Set) doFile(c *vm.Call) error {
	path := c.OptString(1, "")
	f, err := l.LoadFile(c.State(), path)
	if err != nil {
		return err
	}
	l.included(c, path, f)
	return c.TailCall(f)
}

// included tells of a file that is loaded on behalf of a main chunk.
func (l *Set) included(c *vm.Call, path string, f vm.Value) {
	if l.options.OnRequire == nil || path == "" {
		return
	}
	for level := 1; ; level++ {
		frame, ok := c.Thread().Frame(level)
		if !ok {
			return
		}
		if importer := frame.MainChunk(); strings.HasPrefix(importer, "@") {
			l.options.OnRequire(c.State(), Requirement{Importer: importer, File: path, Loader: f})
			return
		}
	}
}

// LoadFile makes a function of a file, as the Lua function loadfile does; of standard input when path is "".
func (l *Set) LoadFile(s *vm.State, path string) (vm.Value, error) {
	f, err := l.loadPath(s, path, "bt", s.Globals().Value())
	var e *vm.Error
	if err != nil && !errors.As(err, &e) {
		err = vm.NewError(vm.String(err.Error())) // without a position, as in C Lua
	}
	return f, err
}

func (l *Set) loadPath(s *vm.State, path, mode string, env vm.Value) (vm.Value, error) {
	chunk, name, err := "", "=stdin", error(nil)
	if path == "" && l.sandboxed() {
		return vm.Nil(), errors.New("cannot read stdin: refused in the sandbox")
	}
	if path == "" {
		if chunk, err = l.files.stdin.readAll(s); err != nil {
			return vm.Nil(), errors.New("cannot read stdin: " + Reason(err))
		}
	} else {
		if chunk, err = l.readFile(s, path); err != nil {
			return vm.Nil(), err
		}
		name = "@" + path
	}
	return l.loadText(s, bytecode.SkipFirstLine(chunk), name, mode, env)
}

func (l *Set) loadText(s *vm.State, chunk, name, mode string, env vm.Value) (vm.Value, error) {
	if strings.HasPrefix(chunk, vm.Signature[:1]) || !strings.Contains(mode, "t") {
		return l.compile(s, chunk, name, mode, env)
	}
	if err := work(s, compileWork*len(chunk)); err != nil {
		return vm.Nil(), err
	}
	p, err := s.Compiler().Compile(chunk, name)
	if err != nil {
		return vm.Nil(), err
	}
	return s.NewFunction(p, env), nil
}

// readFile returns the content of a file of Lua code.
func (l *Set) readFile(s *vm.State, path string) (string, error) {
	f, err := l.options.Open(s, path)
	if err != nil {
		return "", errors.New("cannot open " + path + ": " + Reason(err))
	}
	return readCode(s, f, path)
}

// Text is a file whose content is in memory: it is read without a copy.
type Text interface {
	fs.File
	Text() string
}

// readCode returns the content of a file, which it closes.
func readCode(s *vm.State, f fs.File, path string) (string, error) {
	defer f.Close()
	if t, ok := f.(Text); ok {
		return t.Text(), nil
	}
	content, err := readAll(s, f, sizeOf(f))
	var e *vm.Error
	if err != nil && !errors.As(err, &e) {
		err = errors.New("cannot read " + path + ": " + Reason(err))
	}
	return content, err
}

func sizeOf(f fs.File) int {
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return int(info.Size())
	}
	return 0
}

// readAll reads to the end, and counts the bytes as memory of the state. A size that is known saves copying.
func readAll(s *vm.State, r io.Reader, size int) (string, error) {
	const first = 4096
	b := textBuffer{state: s}
	if err := b.makeRoom(max(size+1, first)); err != nil {
		return "", err
	}
	for {
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if err == io.EOF {
			text, _ := b.take().AsString()
			return text, nil
		}
		if err == nil {
			err = b.makeRoom(1)
		}
		if err != nil {
			return "", err
		}
	}
}
