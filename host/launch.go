package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// ErrStart is the error of a service that ended before it was ready.
var ErrStart = errors.New("service failed to start")

// StartError tells why a service failed to start. It is an ErrStart.
type StartError struct {
	Script    string
	Message   string // of one line, with file and line where there are any
	Traceback string // "" when no Lua code was running
	Cause     error  // what Message tells of, or nil
}

// Error returns Message.
func (e *StartError) Error() string { return e.Message }

// Unwrap returns ErrStart and the cause.
func (e *StartError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrStart}
	}
	return []error{ErrStart, e.Cause}
}

// Start starts a service and waits until it is ready: its script has run, and the function it gave to skynet.start
// has returned. script is a file, or the name of a service on the service path. A service that ends itself in that
// function has started well; its address leads nowhere.
//
// # Errors
//
// A *StartError: the file is missing or has a syntax error (with file and line), or the script fails. Besides, ctx
// ends, or the host is closed. In all these cases the service is gone.
func (h *Host) Start(ctx context.Context, script string, args ...string) (Handle, error) {
	isFile := isScript(script)
	if isFile {
		h.addServiceDir(filepath.Dir(script))
	}
	done := make(chan error, 1)
	s, err := h.launch(script, isFile, args, true, func(_ Handle, err error) { done <- err })
	if err != nil {
		return 0, err
	}
	select {
	case err := <-done:
		if err != nil {
			return 0, err
		}
		return s.handle, nil
	case <-ctx.Done():
		s.Kill()
		s.interrupt("start was cancelled")
		return 0, ctx.Err()
	}
}

// isScript tells a file from the name of a service.
func isScript(name string) bool {
	if strings.HasSuffix(name, ".lua") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// addServiceDir makes the folder of a started script the first place where services, and the modules beside them,
// are looked up.
func (h *Host) addServiceDir(dir string) {
	h.code.disk.allow(dir)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.dirs, dir) {
		h.dirs = slices.Insert(h.dirs, 0, dir)
		h.setPaths()
	}
}

// setPaths makes the templates by which services and modules are found: those given to the host, those of the folders
// of started scripts, and for modules those of the current folder.
func (h *Host) setPaths() {
	var services, modules []string
	for _, d := range h.dirs {
		services = append(services, joinTemplate(d, "?.lua"))
	}
	h.servicePath = append(services, h.options.servicePath...)
	modules = append(modules, h.options.modulePath...)
	for _, d := range append(h.dirs[:len(h.dirs):len(h.dirs)], ".") {
		for _, t := range []string{"?.lua", "?/init.lua", "lualib/?.lua", "lualib/?/init.lua"} {
			if t = joinTemplate(d, t); !slices.Contains(modules, t) {
				modules = append(modules, t)
			}
		}
	}
	h.modulePath = strings.Join(modules, ";")
}

// paths returns the templates of services, and package.path.
func (h *Host) paths() (services []string, modules string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.servicePath, h.modulePath
}

// joinTemplate keeps the "./" that filepath.Join would drop, since messages name files as Lua does.
func joinTemplate(dir, t string) string {
	t = filepath.FromSlash(t)
	if dir == "." {
		return "." + string(filepath.Separator) + t
	}
	return filepath.Join(dir, t)
}

// Launch starts a service without waiting, by its name on the service path. started is called once: with the address,
// or an error; with address 0 and no error when the service ended itself while starting. It must not block.
// A failure is logged as skynet does.
//
// The error is that of a host that is closed, or has no address left.
func (h *Host) Launch(name string, args []string, started func(Handle, error)) (*Service, error) {
	return h.launch(name, strings.HasSuffix(name, ".lua"), args, false, started)
}

func (h *Host) launch(script string, isFile bool, args []string, quiet bool, started func(Handle, error)) (*Service, error) {
	s := &Service{host: h, name: script, script: script, isFile: isFile, args: args, quiet: quiet, launched: started}
	if isFile {
		s.name = serviceName(script)
	}
	if err := h.add(s); err != nil {
		return nil, err
	}
	h.LogLaunch(s, "snlua ")
	s.Post(func(s *Service) { s.load(script, isFile) })
	return s, nil
}

func serviceName(script string) string { return strings.TrimSuffix(filepath.Base(script), ".lua") }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// load runs the script in the service's first turn.
func (s *Service) load(script string, isFile bool) {
	f, err := s.host.findScript(script, isFile)
	if s.host.loads(script, isFile) {
		f, err = s.host.findLoader()
	}
	if err == nil {
		s.open(f)
		err = s.runScript(f)
	}
	if err != nil {
		s.failToStart("lua loader error : ", err.Error(), err)
	}
}

// scriptFile is the file of a service.
type scriptFile struct {
	file    string
	text    string
	pattern string    // by which it was found; "" when it was named
	proto   *vm.Proto // of a file that was found; nil in others

	isLoader bool // see WithLoader
}

// findScript reads a script: a file, or the first match for a service's name. As in skynet, one that doesn't compile is
// passed over.
func (h *Host) findScript(script string, isFile bool) (scriptFile, error) {
	if isFile {
		text, err := h.code.read(script)
		return scriptFile{file: script, text: text}, openError(script, err)
	}
	if h.options.ownServices[script] {
		if f, ok := h.libraryScript(script); ok {
			return f, nil
		}
	}
	var failed searchError
	broken := -1
	templates, _ := h.paths()
	for i, t := range templates {
		file := strings.ReplaceAll(t, "?", script)
		text, err := h.code.read(file)
		err = openError(file, err)
		if err == nil {
			f := scriptFile{file: file, text: text, pattern: t}
			if f.proto, err = h.compileScript(f); err == nil {
				return f, nil
			}
			broken = i
		}
		failed = append(failed, err)
	}
	f, ok := h.libraryScript(script)
	switch {
	case ok && broken < 0:
		return f, nil
	case ok && h.replaces(strings.ReplaceAll(templates[broken], "?", script), failed[broken]):
		return f, nil
	case len(failed) == 0:
		return f, openError(script, fs.ErrNotExist)
	}
	return f, failed
}

// compileScript compiles a file, unless it is a binary chunk.
func (h *Host) compileScript(f scriptFile) (*vm.Proto, error) {
	if f.proto != nil || strings.HasPrefix(f.text, vm.Signature) {
		return f.proto, nil
	}
	return h.compiler.CompileFile(strings.TrimPrefix(f.text, "\ufeff"), f.file)
}

// searchError is what was found at the places where a script may be, none of which will do: a line for each.
type searchError []error

func (e searchError) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns all of them.
func (e searchError) Unwrap() []error { return e }

// libraryScript returns a service of the library.
func (h *Host) libraryScript(name string) (f scriptFile, ok bool) {
	if h.options.library == nil {
		return f, false
	}
	file := path.Join("service", name+".lua")
	b, err := fs.ReadFile(h.options.library, file)
	return scriptFile{file: "lualib/" + file, text: string(b), pattern: libraryServices}, err == nil
}

func openError(file string, err error) error {
	if err == nil {
		return nil
	}
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return &fileError{file, err}
}

type fileError struct {
	file string
	err  error
}

func (e *fileError) Error() string { return "cannot open " + e.file + ": " + lib.Reason(e.err) }

func (e *fileError) Unwrap() error { return e.err }

// open makes the service's state.
func (s *Service) open(f scriptFile) {
	h := s.host
	state := vm.NewState(vm.Options{Compiler: h.compiler, Stacks: &h.stacks, Host: s, Roots: s.roots})
	if n := h.limits.memory; n > 0 {
		state.SetMemoryLimit(n)
	}
	h.limits.begin(state)
	s.stateMu.Lock()
	s.state = state
	if s.killed.Load() {
		state.Interrupt(ErrKilled.Error())
	}
	s.stateMu.Unlock()
	s.file = f.file
	dir, modules := serviceDir(f)
	s.openLibraries(modules)
	g := state.Globals()
	g.SetString("SERVICE_NAME", vm.String(s.name))
	g.SetString("SERVICE_PATH", vm.String(dir))
}

// roots visits what the state can't know to be in use.
func (s *Service) roots(visit func(*vm.Thread)) {
	for t := s.tasks; t != nil; t = t.next {
		visit(t.thread)
	}
	if t := s.spare.Value(); t != nil {
		visit(t.thread)
	}
}

// baseName returns the last element of a path.
func baseName(path string) string {
	return path[strings.LastIndexFunc(path, func(r rune) bool { return r < utf8.RuneSelf && os.IsPathSeparator(uint8(r)) })+1:]
}

// serviceDir returns the folder of a script; modules is where its own modules are looked up first when the service has
// a folder to itself, as with "service/?/main.lua", else "".
func serviceDir(f scriptFile) (dir, modules string) {
	dir = f.file[:len(f.file)-len(baseName(f.file))] // a leading "./" stays
	if dir == "" {
		dir = "./"
	}
	if base := baseName(f.pattern); f.pattern != "" && !strings.Contains(base, "?") {
		modules = dir + "?.lua"
	}
	return dir, modules
}

// runScript runs the script's main chunk as the service's first task.
func (s *Service) runScript(f scriptFile) error {
	main, err := s.compile(f)
	if err != nil {
		return err
	}
	args := make([]vm.Value, len(s.args))
	for i, a := range s.args {
		args[i] = vm.String(a)
	}
	if f.isLoader {
		args = []vm.Value{vm.String(s.Launched())}
		s.setLoaderGlobals()
	} else if main, err = s.preloaded(main); err != nil {
		return err
	}
	t := s.newTask(main)
	t.main = true
	t.end = func(outcome vm.Outcome) {
		switch {
		case outcome == vm.Failed:
			s.failToStart("lua loader error : ", s.failure, t.thread.Failure())
		case !s.starting:
			s.started(nil) // a script without skynet.start is ready when it has run
			s.exiting = s.exiting || s.idles()
		}
	}
	s.resume(t, args...)
	return nil
}

func (s *Service) compile(f scriptFile) (vm.Value, error) {
	env := s.state.Globals().Value()
	if strings.HasPrefix(f.text, vm.Signature) {
		if s.host.options.sandbox {
			return vm.Value{}, fmt.Errorf("%s: a binary chunk, which the sandbox refuses", f.file)
		}
		return s.state.Load(f.text, "@"+f.file, "b", env)
	}
	proto, err := s.host.compileScript(f)
	if err != nil {
		return vm.Value{}, err
	}
	s.code.script(f.file, proto, s.host.Generation())
	s.host.code.use(f.file, f.text, proto)
	return s.state.NewFunction(proto, env), nil
}

// idles reports whether a script that has run has left nothing by which it could ever go on.
func (s *Service) idles() bool {
	return !s.opened && s.receiver == nil && len(s.sessions) == 0 && len(s.forks) == 0 && len(s.cleanups) == 0
}

// Start has f run when the script has: the service is ready when f returns. A service that fails in f ends.
func (s *Service) Start(f vm.Value) {
	if s.startOnTrial(f) {
		return
	}
	s.starting = true
	t := s.newTask(vm.Function("skynet.start", func(c *vm.Call) error { return s.runInits(c, f) }))
	s.startTask = t
	t.end = func(outcome vm.Outcome) {
		s.startTask = nil
		if outcome == vm.Failed {
			s.failToStart("init service failed: ", s.failure, t.thread.Failure())
			return
		}
		s.started(nil)
	}
	session := s.NewSession()
	s.wait(session, waiter{task: t})
	s.After(0, session)
}

// BeforeStart has f run before the function given to Start.
func (s *Service) BeforeStart(f vm.Value) { s.inits = append(s.inits, f) }

func (s *Service) runInits(c *vm.Call, f vm.Value) error {
	if len(s.inits) == 0 {
		return c.TailCall(f)
	}
	first := s.inits[0]
	s.inits = s.inits[1:]
	return c.CallThen(func(c *vm.Call) error { return s.runInits(c, f) }, first)
}

// failToStart ends the service; text is the error, with its traceback.
func (s *Service) failToStart(what, text string, cause error) {
	s.startFailed = true
	if !s.quiet {
		s.host.Logf(s.handle, "%s%s", what, text)
	}
	s.host.LogKill(s.handle, s.handle)
	message, traceback, _ := strings.Cut(text, "\nstack traceback:")
	if traceback != "" {
		traceback = "stack traceback:" + traceback
	}
	s.exiting = true
	s.started(&StartError{
		Script:    s.name,
		Message:   strings.ReplaceAll(message, "\n", "; "),
		Traceback: traceback,
		Cause:     cause,
	})
}

// ErrKilled is why a service did not start that was ended from outside. It is the cause of a StartError.
var ErrKilled = errors.New("killed while starting")

// started tells whoever launched the service how that went; only the first call counts.
func (s *Service) started(err error) {
	f := s.launched
	if f == nil {
		return
	}
	s.launched = nil
	switch {
	case err == ErrKilled && !s.killed.Load(): // it ended itself
		f(0, nil)
	case err == ErrKilled:
		f(0, &StartError{Script: s.name, Message: s.name + ": " + err.Error(), Cause: err})
	case err != nil:
		f(0, err)
	default:
		f(s.handle, nil)
	}
}

// interrupt ends what the service is running. It may be called from any goroutine.
func (s *Service) interrupt(reason string) {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if s.state != nil {
		s.state.Interrupt(reason)
	}
}
