package host

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// What makes a host a node, as skynet's program runs one.

// WithAddresses sets the first address that a service gets, and the harbor id that the top byte of all addresses has:
// 0 for a node that is alone, or 1 to 255.
func WithAddresses(first Handle, harbor uint8) Option {
	return func(o *options) error {
		if first == 0 || first > lastHandle {
			return fmt.Errorf("first address %d: want 1 to %d", first, lastHandle)
		}
		o.first, o.harbor = first, harbor
		return nil
	}
}

// WithLogTo has the log written to w, with the time in front of each line as skynet does in files, instead of to where
// scripts print to.
func WithLogTo(w io.Writer) Option {
	return func(o *options) error {
		o.logTo = w
		return nil
	}
}

// Harbor returns the node's number among those of a network.
func (h *Host) Harbor() uint8 { return h.options.harbor }

// IsLocal reports whether an address is one of this node.
func (h *Host) IsLocal(a Handle) bool {
	top := uint8(a >> 24)
	return top == 0 || top == h.options.harbor
}

// LogBy has the log's lines sent to a service, as messages of type text, instead of written.
func (h *Host) LogBy(a Handle) { h.log.service.Store(uint32(a)) }

// AddService starts a service that is Go code. open is called in its turn before it gets messages; its error ends the
// service, is logged and returned. The command line args is for the log.
func (h *Host) AddService(name string, args []string, open func(*Service) error) (*Service, error) {
	s := &Service{host: h, name: name, args: args}
	if err := h.add(s); err != nil {
		return nil, err
	}
	var err error
	s.Enter(func(s *Service) { // nobody knows of it yet
		if err = open(s); err != nil {
			h.Logf(s.handle, "%v", err)
			if h.launchLog.Load() {
				h.Logf(s.handle, "FAILED launch %s", name)
			}
			s.exiting = true
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	h.LogLaunch(s, "")
	return s, nil
}

// LogLaunch logs the start of a service by the command line that started it; kind is "snlua " for one in Lua, else "".
func (h *Host) LogLaunch(s *Service, kind string) {
	if h.launchLog.Load() {
		h.Logf(s.handle, "LAUNCH %s%s", kind, s.Launched())
	}
}

func (s *Service) commandLine() []string { return append([]string{s.name}, s.args...) }

// LogKill logs that by ends the service at an address.
func (h *Host) LogKill(by, a Handle) {
	switch {
	case !h.launchLog.Load():
	case by == a:
		h.Log(by, "KILL self")
	default:
		h.Logf(by, "KILL :%0x", uint32(a))
	}
}

// WriteLog writes a line to the log, also when a service gets those: for that service.
func (h *Host) WriteLog(source Handle, text string) {
	h.Flush()
	h.log.log(source, text)
}

// OnEnd has f called for each service that has ended. It must not block.
func (h *Host) OnEnd(f func(*Service)) { h.onEnd.Store(&f) }

// Launched tells what a line of LAUNCH says of the service: its name and its arguments.
func (s *Service) Launched() string { return strings.Join(s.commandLine(), " ") }

// WithPreload has a Lua file run in each service before its script. Its arguments are the service's name and arguments.
func WithPreload(file string) Option {
	return func(o *options) error {
		o.preload = file
		return nil
	}
}

// preloaded makes the function that runs the preloaded file and then the script.
func (s *Service) preloaded(main vm.Value) (vm.Value, error) {
	file := s.host.options.preload
	if file == "" {
		return main, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return main, openError(file, err)
	}
	first, err := s.compile(scriptFile{file: file, text: string(b)})
	if err != nil {
		return main, err
	}
	return vm.Function("preload", func(c *vm.Call) error {
		words := append([]vm.Value{vm.String(s.name)}, c.Args()...)
		return c.CallThen(func(c *vm.Call) error { return c.TailCall(main, words[1:]...) }, first, words...)
	}), nil
}

// WithOwnModules names Lua modules of the library that files on the module path don't replace: those that belong to
// modules written in Go.
func WithOwnModules(names ...string) Option {
	return func(o *options) error {
		if o.own == nil {
			o.own = map[string]bool{}
		}
		for _, name := range names {
			o.own[name] = true
		}
		return nil
	}
}

// WithOwnServices names services of the library that files on the service path don't replace: those that belong to modules
// which files don't replace either.
func WithOwnServices(names ...string) Option {
	return func(o *options) error {
		if o.ownServices == nil {
			o.ownServices = map[string]bool{}
		}
		for _, name := range names {
			o.ownServices[name] = true
		}
		return nil
	}
}

// findOwn is the searcher of modules that are the library's own.
func (h *Host) findOwn(c *vm.Call, name string) (loader, value vm.Value, err error) {
	base := strings.ReplaceAll(name, ".", "/")
	for _, file := range []string{base + ".lua", base + "/init.lua"} {
		b, err := fs.ReadFile(h.options.library, file)
		if err != nil {
			continue
		}
		file = "lualib/" + file
		f, err := ServiceOf(c).compile(scriptFile{file: file, text: string(b)})
		if err != nil {
			return vm.Nil(), vm.Nil(), lib.LoadingError(name, file, err)
		}
		return f, vm.String(file), nil
	}
	return vm.Nil(), vm.Nil(), nil
}

// WithNativePath tells where C libraries are looked for, as package.cpath: only to say, when a script requires one,
// that it can't be loaded.
func WithNativePath(templates string) Option {
	return func(o *options) error {
		o.nativePath = templates
		return nil
	}
}

// refuseNative raises an error for a module that is a C library.
func (h *Host) refuseNative(name string) error {
	for _, t := range strings.Split(h.options.nativePath, ";") {
		for _, part := range []string{strings.ReplaceAll(name, ".", string(filepath.Separator)), strings.SplitN(name, ".", 2)[0]} {
			file := strings.ReplaceAll(strings.TrimSpace(t), "?", part)
			if t != "" && isFile(file) {
				return fmt.Errorf("module '%s' is a C library (%s), which can't be loaded here; written in Go are: %s",
					name, file, strings.Join(slices.Sorted(maps.Keys(h.modules)), ", "))
			}
		}
	}
	return nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// FailedToStart reports whether the service has ended because its script failed before it was ready.
// It is for OnEnd.
func (s *Service) FailedToStart() bool { return s.startFailed }

// Killed reports whether the service was ended from outside. It may be called from any goroutine.
func (s *Service) Killed() bool { return s.killed.Load() }

// Interrupt ends what the service is running by an error that no pcall stops. It may be called from any goroutine.
func (s *Service) Interrupt(reason string) { s.interrupt(reason) }

// HPC returns the nanoseconds since the host's start.
func (h *Host) HPC() int64 { return int64(h.options.clock.Now().Sub(h.timers.start)) }

// LogLaunches has services that start and end logged from now on, as skynet does: LAUNCH and KILL lines.
func (h *Host) LogLaunches() { h.launchLog.Store(true) }

// FailRequest ends the wait for the answer to a request, as if whoever was asked had failed.
func (s *Service) FailRequest(session int) {
	if s.sessions[session].request {
		s.failed = append(s.failed, session)
		s.forks = append(s.forks, fork{})
	}
}
