package lib

import (
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/luahost/luahost/vm"
)

// ioLibrary makes the library io (Lua 5.2 manual, section 6.8).
func (l *Set) ioLibrary() *vm.Library {
	return vm.NewLibrary("io", []*vm.GoFunction{
		vm.NewFunction("io.close", l.ioClose),
		vm.NewFunction("io.flush", ioFlush),
		vm.NewFunction("io.input", l.ioInput),
		vm.NewFunction("io.lines", l.ioLines),
		vm.NewFunction("io.open", l.ioOpen),
		vm.NewFunction("io.output", l.ioOutput),
		vm.NewFunction("io.popen", l.ioPopen),
		vm.NewFunction("io.read", ioRead),
		vm.NewFunction("io.tmpfile", l.ioTmpFile),
		vm.NewFunction("io.type", ioType),
		vm.NewFunction("io.write", ioWrite),
	}, nil)
}

// fileMethods makes the table of what a file handle can do.
func (l *Set) fileMethods() *vm.Library {
	return vm.NewLibrary("file", []*vm.GoFunction{
		vm.NewFunction("__gc", l.fileGC),
		vm.NewFunction("__tostring", fileToString),
		vm.NewFunction("close", l.ioClose),
		vm.NewFunction("flush", fileFlush),
		vm.NewFunction("lines", l.fileLines),
		vm.NewFunction("read", fileRead),
		vm.NewFunction("seek", fileSeek),
		vm.NewFunction("setvbuf", fileSetVBuf),
		vm.NewFunction("write", fileWrite),
	}, nil)
}

// openIO makes a state's table io. As in C Lua, the metatable of files is the table of their methods too.
func (l *Set) openIO(s *vm.State) *vm.Table {
	meta := s.Open(l.methods)
	meta.SetString("__index", meta.Value())
	s.Registry().SetString(fileType, meta.Value())
	t := s.Open(l.io)
	standard := func(name string, from *stream) vm.Value {
		v := newHandle(s, &file{stream: from, kind: standardFile})
		t.SetString(name, v)
		return v
	}
	s.Registry().SetString(inputKey, standard("stdin", l.files.stdin))
	s.Registry().SetString(outputKey, standard("stdout", l.files.stdout))
	standard("stderr", l.files.stderr)
	return t
}

// Handles.

func toFile(v vm.Value) (*file, bool) {
	if u, ok := v.AsUserdata(); ok {
		h, ok := u.Data.(*file)
		return h, ok
	}
	return nil, false
}

// checkHandle returns argument i, a file that may be closed.
func checkHandle(c *vm.Call, i int) *file {
	h, ok := toFile(c.Arg(i))
	if !ok {
		panic(c.TypeError(i, fileType))
	}
	return h
}

// checkFile returns argument i, an open file.
func checkFile(c *vm.Call, i int) *file {
	h := checkHandle(c, i)
	if h.closed {
		panic(c.Errorf("attempt to use a closed file"))
	}
	return h
}

// defaultFile returns the default input or output, which has to be open.
func defaultFile(c *vm.Call, key string) *file {
	h, _ := toFile(c.State().Registry().GetString(key))
	if h == nil || h.closed {
		panic(c.Errorf("standard %s file is closed", strings.TrimPrefix(key, "_IO_")))
	}
	return h
}

func ioType(c *vm.Call) error {
	h, ok := toFile(c.CheckAny(1))
	switch {
	case !ok:
		return c.Return(vm.Nil())
	case h.closed:
		return c.Return(vm.String("closed file"))
	}
	return c.Return(vm.String("file"))
}

func fileToString(c *vm.Call) error {
	if checkHandle(c, 1).closed {
		return c.Return(vm.String("file (closed)"))
	}
	_, address, _ := strings.Cut(vm.Text(c.Arg(1)), ": ")
	return c.Return(c.State().NewString("file (" + address + ")"))
}

// fileGC closes a file that is open and no standard one.
func (l *Set) fileGC(c *vm.Call) error {
	if h := checkHandle(c, 1); !h.closed && h.kind != standardFile {
		_ = l.files.closeFile(h)
	}
	return nil
}

// Opening.

// parseMode reads a mode of C's fopen: r, w or a, then perhaps +, then perhaps b.
func parseMode(mode string) (flags int, ok bool) {
	base, _ := strings.CutSuffix(mode, "b")
	base, update := strings.CutSuffix(base, "+")
	switch base {
	case "r":
		flags = os.O_RDONLY
	case "w":
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	case "a":
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	default:
		return 0, false
	}
	if update {
		flags = flags&^os.O_WRONLY | os.O_RDWR
	}
	return flags, true
}

func (l *Set) openFile(s *vm.State, name string, flags int) (vm.Value, error) {
	f, err := os.OpenFile(name, flags, 0o666)
	if err != nil {
		return vm.Nil(), err
	}
	_, v := l.files.newFile(s, f, plainFile, flags&os.O_WRONLY == 0, flags&(os.O_WRONLY|os.O_RDWR) != 0)
	return v, nil
}

func (l *Set) ioOpen(c *vm.Call) error {
	name := c.CheckString(1)
	flags, ok := parseMode(c.OptString(2, "r"))
	if !ok {
		return c.ArgError(2, "invalid mode")
	}
	v, err := l.openFile(c.State(), name, flags)
	if err != nil {
		return pushFailure(c, name, err)
	}
	return c.Return(v)
}

// mustOpen opens a file for io.input, io.output and io.lines, which raise an error where io.open returns one.
func (l *Set) mustOpen(c *vm.Call, name string, flags int) (vm.Value, error) {
	v, err := l.openFile(c.State(), name, flags)
	if err != nil {
		return v, c.Errorf("cannot open file '%s' (%s)", name, Reason(err))
	}
	return v, nil
}

func (l *Set) ioTmpFile(c *vm.Call) error {
	f, err := os.CreateTemp("", "lua_")
	if err != nil {
		return pushFailure(c, "", err)
	}
	_, v := l.files.newFile(c.State(), temporary{f}, plainFile, true, true)
	return c.Return(v)
}

// temporary is a file that is gone when closed.
type temporary struct{ *os.File }

func (t temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

func (l *Set) ioInput(c *vm.Call) error { return l.setDefault(c, inputKey, os.O_RDONLY) }

func (l *Set) ioOutput(c *vm.Call) error {
	return l.setDefault(c, outputKey, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
}

// setDefault makes a file, or the one of a name, the default input or output; it returns the default.
func (l *Set) setDefault(c *vm.Call, key string, flags int) error {
	registry := c.State().Registry()
	if v := c.Arg(1); !v.IsNil() {
		if name, ok := vm.ToString(v); ok {
			var err error
			if v, err = l.mustOpen(c, name, flags); err != nil {
				return err
			}
		} else {
			checkFile(c, 1)
		}
		registry.SetString(key, v)
	}
	return c.Return(registry.GetString(key))
}

// Closing.

// ioClose closes a file, or the default output; as in C Lua it is the method of files, too.
func (l *Set) ioClose(c *vm.Call) error {
	if c.NArgs() > 0 {
		return l.closeHandle(c, checkFile(c, 1))
	}
	h, _ := toFile(c.State().Registry().GetString(outputKey))
	if h == nil || h.closed {
		return c.Errorf("attempt to use a closed file")
	}
	return l.closeHandle(c, h)
}

func (l *Set) closeHandle(c *vm.Call, h *file) error {
	if h.kind == standardFile {
		c.Push(vm.Nil(), vm.String("cannot close standard file"))
		return nil
	}
	err := l.files.closeFile(h)
	if h.kind == processFile {
		return pushExit(c, err)
	}
	return pushOutcome(c, "", err)
}

// Writing.

func ioFlush(c *vm.Call) error {
	return pushOutcome(c, "", defaultFile(c, outputKey).flush())
}

func fileFlush(c *vm.Call) error { return pushOutcome(c, "", checkFile(c, 1).flush()) }

func ioWrite(c *vm.Call) error {
	h := defaultFile(c, outputKey)
	return writeArguments(c, h, 1, c.State().Registry().GetString(outputKey))
}

func fileWrite(c *vm.Call) error { return writeArguments(c, checkFile(c, 1), 2, c.Arg(1)) }

// writeArguments writes the arguments from first on and returns the handle.
func writeArguments(c *vm.Call, h *file, first int, handle vm.Value) error {
	var failure error
	for i := first; i <= c.NArgs(); i++ {
		text := c.CheckString(i)
		if err := work(c.State(), len(text)); err != nil {
			return err
		}
		if failure == nil {
			failure = h.write(text)
		}
	}
	if failure != nil {
		return pushFailure(c, "", failure)
	}
	return c.Return(handle)
}

func fileSetVBuf(c *vm.Call) error {
	h := checkFile(c, 1)
	f := whenFull
	switch checkOption(c, 2, "", "no", "full", "line") {
	case "no":
		f = always
	case "line":
		f = atLineEnd
	}
	return pushOutcome(c, "", h.setBuffer(f, c.OptInt(3, 0)))
}

func fileSeek(c *vm.Call) error {
	h := checkFile(c, 1)
	whence := io.SeekCurrent
	switch checkOption(c, 2, "cur", "set", "cur", "end") {
	case "set":
		whence = io.SeekStart
	case "end":
		whence = io.SeekEnd
	}
	offset := c.OptNumber(3, 0)
	if offset != math.Trunc(offset) || math.Abs(offset) >= 0x1p63 {
		return c.ArgError(3, "not an integer in proper range")
	}
	position, err := h.seek(int64(offset), whence)
	if err != nil {
		return pushFailure(c, "", err)
	}
	return c.Return(vm.Int(int(position)))
}

// Reading.

func ioRead(c *vm.Call) error {
	h := defaultFile(c, inputKey)
	return pushRead(c, h, c.Args(), 1)
}

func fileRead(c *vm.Call) error {
	h := checkFile(c, 1)
	return pushRead(c, h, c.Args()[1:], 2)
}

func pushRead(c *vm.Call, h *file, formats []vm.Value, first int) error {
	if len(formats) == 0 {
		line, err := h.readLine(c.State(), false)
		if err != nil {
			return pushFailure(c, "", err)
		}
		return c.Return(line)
	}
	values, err := readFormats(c, h, formats, first)
	if err != nil {
		return pushFailure(c, "", err)
	}
	c.Push(values...)
	return nil
}

// readFormats reads a value a format, up to the first that fails. The first format is argument number first.
func readFormats(c *vm.Call, h *file, formats []vm.Value, first int) ([]vm.Value, error) {
	values := make([]vm.Value, 0, len(formats))
	for i, format := range formats {
		v, err := readFormat(c, h, format, first+i)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if v.IsNil() {
			break
		}
	}
	return values, nil
}

// readFormat reads one value. The star before a letter may be left out, as from Lua 5.3 on.
func readFormat(c *vm.Call, h *file, format vm.Value, arg int) (vm.Value, error) {
	s := c.State()
	if n, ok := format.AsNumber(); ok {
		return h.readChars(s, int(max(0, min(n, math.MaxInt32))))
	}
	text, _ := format.AsString()
	letter, starred := strings.CutPrefix(text, "*")
	if letter == "" {
		letter = "?"
	}
	switch letter[0] {
	case 'n':
		return h.readNumber(s)
	case 'l':
		return h.readLine(s, false)
	case 'L':
		return h.readLine(s, true)
	case 'a':
		text, err := h.readAll(s)
		return vm.String(text), err
	}
	if !starred {
		return vm.Nil(), c.ArgError(arg, "invalid option")
	}
	return vm.Nil(), c.ArgError(arg, "invalid format")
}

// maxFormats is how many formats lines takes.
const maxFormats = 17

func (l *Set) ioLines(c *vm.Call) error {
	if c.Arg(1).IsNil() {
		h, _ := toFile(c.State().Registry().GetString(inputKey))
		if h == nil || h.closed {
			return c.Errorf("attempt to use a closed file")
		}
		return l.pushLines(c, h, false)
	}
	v, err := l.mustOpen(c, c.CheckString(1), os.O_RDONLY)
	if err != nil {
		return err
	}
	h, _ := toFile(v)
	return l.pushLines(c, h, true)
}

func (l *Set) fileLines(c *vm.Call) error { return l.pushLines(c, checkFile(c, 1), false) }

// pushLines returns an iterator that reads by the formats from argument 2 on; with closing it closes the file at the end.
func (l *Set) pushLines(c *vm.Call, h *file, closing bool) error {
	var formats []vm.Value
	if c.NArgs() > 1 {
		formats = append(formats, c.Args()[1:]...)
	}
	if len(formats) > maxFormats {
		return c.ArgError(maxFormats, "too many options")
	}
	return c.Return(vm.Function("lines", func(c *vm.Call) error {
		if h.closed {
			return c.Errorf("file is already closed")
		}
		values, err := nextLine(c, h, formats)
		if err != nil {
			var e *vm.Error
			if errors.As(err, &e) {
				return e
			}
			return c.Errorf("%s", Reason(err))
		}
		if values[0].IsNil() && closing {
			_ = l.files.closeFile(h)
			return nil
		}
		c.Push(values...)
		return nil
	}))
}

func nextLine(c *vm.Call, h *file, formats []vm.Value) ([]vm.Value, error) {
	if len(formats) > 0 {
		return readFormats(c, h, formats, 2)
	}
	line, err := h.readLine(c.State(), false)
	return []vm.Value{line}, err
}

// Processes.

// process is a running command with a pipe to or from it.
type process struct {
	cmd  *exec.Cmd
	pipe io.Closer
}

// Close waits for the command to end; the error tells how.
func (p process) Close() error {
	_ = p.pipe.Close()
	return p.cmd.Wait()
}

type readProcess struct {
	process
	io.Reader
}

type writeProcess struct {
	process
	io.Writer
}

func (l *Set) ioPopen(c *vm.Call) error {
	command := c.CheckString(1)
	mode := c.OptString(2, "r")
	if mode != "r" && mode != "w" {
		return pushFailure(c, command, syscall.EINVAL)
	}
	if err := l.Flush(); err != nil {
		return pushFailure(c, command, err)
	}
	raw, err := l.startProcess(command, mode == "r")
	if err != nil {
		return pushFailure(c, command, err)
	}
	_, v := l.files.newFile(c.State(), raw, processFile, mode == "r", mode == "w")
	return c.Return(v)
}

func (l *Set) startProcess(command string, reading bool) (any, error) {
	cmd := l.command(command)
	if reading {
		cmd.Stdout = nil
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		return readProcess{process{cmd, pipe}, pipe}, cmd.Start()
	}
	cmd.Stdin = nil
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return writeProcess{process{cmd, pipe}, pipe}, cmd.Start()
}
