package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/lualib"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

const luaHelp = `Run a Lua 5.2 program, as the program lua does. Without FILE it reads standard input: a terminal line by line, as a
conversation; anything else as one program. FILE may be - for standard input.

  -e CODE   run CODE
  -l NAME   require the module NAME, and make it a global
  -i        go on with a conversation after FILE
  -v        print the version
  -E        ignore the environment: LUA_INIT, LUA_PATH, LUA_CPATH (and those with _5_2)
  --        end of the options

The program finds its arguments in "..." and in the table arg, which holds FILE at 0 and what stands before it at
negative indices, "luahost lua" as one. The exit code is 1 after an error.

Under the name lua, by a link, luahost is this command: ln -s luahost lua; ./lua FILE`

// namedLua reports whether the program was started under a name of C Lua's interpreter, of which it then has the command line.
func namedLua(program string) bool {
	switch strings.TrimSuffix(filepath.Base(program), ".exe") {
	case "lua", "lua5.2":
		return true
	}
	return false
}

// luaCommand makes the command lua. process is what the process was started with, for the table arg.
func luaCommand(process []string) *cobra.Command {
	return &cobra.Command{
		Use:                "lua [-e CODE] [-l NAME] [-i] [-v] [-E] [FILE [ARG...]]",
		Short:              "Run a Lua program",
		Long:               luaHelp,
		DisableFlagParsing: true, // the program's arguments look like flags
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && (args[0] == "-h" || args[0] == "--help") {
				return cmd.Help()
			}
			before := strings.Join(process[:len(process)-len(args)], " ")
			o, err := parseLuaArguments(args)
			if err != nil {
				return fmt.Errorf("%w\nRun '%s --help' for usage", err, before)
			}
			o.program, o.before = "luahost", before
			if namedLua(process[0]) {
				o.program = process[0]
			}
			return runLua(o, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}

// luaArguments is what the user has asked for.
type luaArguments struct {
	program     string // its name in messages
	before      string // what stands before the options: what to run for this interpreter
	options     []string
	actions     []luaAction
	interactive bool
	version     bool
	ignoreEnv   bool
	script      string // "-" for standard input
	hasScript   bool
	args        []string // of the script
}

// luaAction is an option -e or -l.
type luaAction struct {
	letter byte
	value  string
}

func parseLuaArguments(args []string) (o luaArguments, err error) {
	i := 0
	for ; i < len(args); i++ {
		arg := args[i]
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			break
		}
		if arg == "--" {
			i++
			break
		}
		switch letter := arg[1]; {
		case letter == 'e' || letter == 'l':
			value := arg[2:]
			if value == "" {
				if i++; i == len(args) {
					return o, fmt.Errorf("'-%c' needs argument", letter)
				}
				value = args[i]
			}
			o.actions = append(o.actions, luaAction{letter, value})
		case arg == "-i":
			o.interactive, o.version = true, true
		case arg == "-v":
			o.version = true
		case arg == "-E":
			o.ignoreEnv = true
		default:
			return o, fmt.Errorf("unrecognized option '%s'", arg)
		}
	}
	o.options = args[:i]
	if i < len(args) {
		o.hasScript, o.script, o.args = true, args[i], args[i+1:]
	}
	return o, nil
}

// interpreter is a Lua state with what the program lua needs around it.
type interpreter struct {
	state     *vm.State
	libraries *lib.Set
	program   string // its name in messages
	stdin     io.Reader
	stdout    io.Writer
	stderr    io.Writer
	unclosed  bool // os.exit leaves the state as it is: no finalizers run
}

func runLua(o luaArguments, stdin io.Reader, stdout, stderr io.Writer) error {
	getenv := func(name string) (string, bool) {
		if o.ignoreEnv {
			return "", false
		}
		if v, ok := os.LookupEnv(name + "_5_2"); ok {
			return v, ok
		}
		return os.LookupEnv(name)
	}
	in := &interpreter{
		state: vm.NewState(vm.Options{Alone: true}),
		libraries: lib.New(lib.Options{
			Stdin: stdin, Stdout: stdout, Stderr: stderr,
			Modules: lualib.FS,
			Path:    searchPath(getenv, "LUA_PATH", lib.DefaultPath()),
			CPath:   searchPath(getenv, "LUA_CPATH", ""),
		}),
		program: o.program, stdin: stdin, stdout: stdout, stderr: stderr,
	}
	in.libraries.Open(in.state)
	in.emptyPaths(getenv)
	closeModules := all.Preload(in.state, stdin)
	err := in.run(o, getenv)
	closeModules()
	if !in.unclosed {
		in.state.Close()
	}
	return errors.Join(err, in.libraries.Close())
}

// searchPath returns the path in a variable, where ";;" stands for the usual path.
func searchPath(getenv func(string) (string, bool), name, usual string) string {
	path, ok := getenv(name)
	if !ok {
		return usual
	}
	return strings.ReplaceAll(path, ";;", ";"+usual+";")
}

// emptyPaths sets the paths whose variable is there but empty, which Options can't say.
func (in *interpreter) emptyPaths(getenv func(string) (string, bool)) {
	paths, _ := in.state.Globals().GetString("package").AsTable()
	for variable, field := range map[string]string{"LUA_PATH": "path", "LUA_CPATH": "cpath"} {
		if path, ok := getenv(variable); ok && path == "" {
			paths.SetString(field, vm.String(""))
		}
	}
}

// watchInterrupts lets an interrupt from the keyboard end what runs; a second one ends the process.
func (in *interpreter) watchInterrupts() (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			in.state.Interrupt("interrupted!")
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// run does what the arguments ask for. An error is reported before it is returned as an exitCode.
func (in *interpreter) run(o luaArguments, getenv func(string) (string, bool)) error {
	if o.version {
		fmt.Fprintln(in.stdout, banner())
	}
	if init, ok := getenv("LUA_INIT"); ok {
		if err := in.runInit(init); err != nil {
			return err
		}
	}
	for _, a := range o.actions {
		if err := in.act(a); err != nil {
			return err
		}
	}
	switch {
	case o.hasScript:
		in.setArg(append(append([]string{o.before}, o.options...), o.script), o.args)
		if err := in.runFile(o.script, o.args); err != nil || !o.interactive {
			return err
		}
		return in.converse()
	case o.interactive:
		return in.converse()
	case len(o.actions) > 0 || o.version:
		return nil
	case isTerminal(in.stdin):
		fmt.Fprintln(in.stdout, banner())
		return in.converse()
	}
	return in.runFile("-", nil)
}

func banner() string { return "luahost " + version() + "  Lua 5.2" }

// setArg makes the global arg: the last of before has index 0, the others come before it, args follow.
func (in *interpreter) setArg(before, args []string) {
	t := in.state.NewTable(len(args), len(before))
	for i, arg := range before {
		t.SetInt(i-len(before)+1, vm.String(arg))
	}
	for i, arg := range args {
		t.SetInt(i+1, vm.String(arg))
	}
	in.state.Globals().SetString("arg", t.Value())
}

func (in *interpreter) runInit(init string) error {
	if file, ok := strings.CutPrefix(init, "@"); ok {
		return in.runFile(file, nil)
	}
	return in.runText(init, "=LUA_INIT")
}

func (in *interpreter) act(a luaAction) error {
	if a.letter == 'e' {
		return in.runText(a.value, "=(command line)")
	}
	results, err := in.call(in.state.Globals().GetString("require"), vm.String(a.value))
	if err != nil {
		return in.report(err)
	}
	var module vm.Value
	if len(results) > 0 {
		module = results[0]
	}
	in.state.Globals().SetString(a.value, module)
	return nil
}

func (in *interpreter) runText(text, name string) error {
	f, err := in.state.Load(text, name, "t", in.state.Globals().Value())
	if err == nil {
		_, err = in.call(f)
	}
	return in.report(err)
}

// runFile runs a program, which is read as loadfile does; - is standard input.
func (in *interpreter) runFile(file string, args []string) error {
	f, err := in.load(file)
	if err == nil {
		values := make([]vm.Value, len(args))
		for i, arg := range args {
			values[i] = vm.String(arg)
		}
		_, err = in.call(f, values...)
	}
	return in.report(err)
}

func (in *interpreter) load(file string) (vm.Value, error) {
	switch file {
	case "-":
		file = ""
	case "":
		return vm.Nil(), errors.New("cannot open : No such file or directory")
	}
	return in.libraries.LoadFile(in.state, file)
}

// call runs f on the main coroutine, below a function of Go as the program lua has one of C.
func (in *interpreter) call(f vm.Value, args ...vm.Value) ([]vm.Value, error) {
	defer in.watchInterrupts()()
	main := vm.Function("main", func(c *vm.Call) error { return c.TailCall(f, c.Args()...) })
	return in.state.Main().Call(main, args...)
}

// exited returns the code of an os.exit.
func (in *interpreter) exited(err error) (code exitCode, ok bool) {
	var exit *lib.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	in.unclosed = !exit.Closing
	return exitCode(exit.Code), true
}

// report writes an error to standard error, with its traceback, and turns it into an exit code.
func (in *interpreter) report(err error) error {
	if err == nil {
		return nil
	}
	if code, ok := in.exited(err); ok {
		return code
	}
	if message, ok := in.message(err); ok {
		_ = in.libraries.Flush() // the error of it is told at the end
		fmt.Fprintf(in.stderr, "%s: %s\n", in.program, message)
	}
	return exitCode(1)
}

// message words an error as the program lua does; ok is false for an error that is nil, of which there is nothing to say.
func (in *interpreter) message(err error) (text string, ok bool) {
	var e *vm.Error
	if !errors.As(err, &e) {
		return err.Error(), true
	}
	if text, ok := vm.ToString(e.Value); ok {
		if e.Traceback == "" {
			return text, true
		}
		return text + "\n" + e.Traceback, true
	}
	if e.Value.IsNil() {
		return "", false
	}
	if h := in.state.Metamethod(e.Value, "__tostring"); !h.IsNil() {
		results, err := in.call(h, e.Value)
		if err != nil && err.Error() != "" {
			return in.message(vm.NewError(vm.String(err.Error())))
		}
		if err == nil && len(results) > 0 {
			if text, ok := vm.ToString(results[0]); ok {
				return text, true
			}
		}
		return "(error object is not a string)", true
	}
	return "(no error message)", true
}
