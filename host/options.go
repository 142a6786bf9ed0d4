package host

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// Option is a choice of a new host.
type Option func(*options) error

type options struct {
	modules     []Module
	library     fs.FS
	servicePath []string
	modulePath  []string
	env         map[string]string
	output      io.Writer
	stdin       io.Reader
	clock       Clock
	workers     int
	limits      limits
	exit        func(code int)
	first       Handle // address
	harbor      uint8
	logTo       io.Writer // nil: output
	preload     string    // file
	loader      string    // file
	own         map[string]bool
	ownServices map[string]bool
	replace     bool // see WithReplacements
	unprofiled  bool // see WithProfile
	nativePath  string
	reapAfter   time.Duration // 0: never
	sandbox     bool
	onReload    func(*Reload)
	strict      bool // see WithStrictReload
	rollback    AutoRollback
}

func defaultOptions() options {
	return options{
		env:     map[string]string{},
		output:  os.Stdout,
		stdin:   os.Stdin,
		clock:   systemClock{},
		workers: runtime.GOMAXPROCS(0),
		exit:    os.Exit,
		first:   firstHandle,
	}
}

// WithProfile decides whether it is counted how long services are at work, which Stat and Elapsed tell; else those are 0.
// It is, by default.
func WithProfile(on bool) Option {
	return func(o *options) error {
		o.unprofiled = !on
		return nil
	}
}

// Module is a Lua module written in Go.
type Module struct {
	Name string
	// Open makes what require returns, at the first require in a service.
	Open func(s *Service) (vm.Value, error)
	// FilesFirst lets a Lua file of this name on package.path win.
	FilesFirst bool
	// Ambient says that the module gives files, processes or the like: a sandbox has no such module.
	Ambient bool
	// Declaration says what the module offers; nil when it doesn't tell. It has another name when Name is an alias.
	Declaration *decl.Module
	// Err is what is wrong with the module; New returns it.
	Err error
}

// WithModule adds modules. Two of one name are an error.
func WithModule(m ...Module) Option {
	return func(o *options) error {
		for _, m := range m {
			if m.Err != nil {
				return m.Err
			}
		}
		o.modules = append(o.modules, m...)
		return nil
	}
}

// WithLibrary adds Lua modules ("lualib/") and services ("service/") from a file system, as one embedded in the binary.
// Files on disk with the same name win.
func WithLibrary(files fs.FS) Option {
	return func(o *options) error {
		o.library = files
		return nil
	}
}

// WithServicePath adds templates of service files, in which ? stands for the service's name: "./service/?.lua".
func WithServicePath(templates ...string) Option {
	return func(o *options) error {
		o.servicePath = append(o.servicePath, templates...)
		return nil
	}
}

// WithModulePath adds templates to the front of package.path.
func WithModulePath(templates ...string) Option {
	return func(o *options) error {
		o.modulePath = append(o.modulePath, templates...)
		return nil
	}
}

// WithEnv sets what skynet.getenv(key) gives.
func WithEnv(key, value string) Option {
	return func(o *options) error {
		o.env[key] = value
		return nil
	}
}

// WithOutput redirects print and the log; the default is the process's standard output.
func WithOutput(w io.Writer) Option {
	return func(o *options) error {
		o.output = w
		return nil
	}
}

// WithClock replaces the clock, for tests.
func WithClock(c Clock) Option {
	return func(o *options) error {
		o.clock = c
		return nil
	}
}

// WithWorkers sets how many services may run at once, from 1 to 1024; the default is GOMAXPROCS.
func WithWorkers(n int) Option {
	return func(o *options) error {
		if n < 1 || n > 1024 {
			return fmt.Errorf("%d workers: want 1 to 1024", n)
		}
		o.workers = n
		return nil
	}
}

// WithExit replaces what os.exit in a script does; the default ends the process.
func WithExit(exit func(code int)) Option {
	return func(o *options) error {
		o.exit = exit
		return nil
	}
}

// WithMessageBudget limits the handling of one message: steps are calls and backward jumps, and like work of library
// functions. 0 does not limit. What is over the limit ends with an error that no pcall stops.
func WithMessageBudget(steps int64, deadline time.Duration) Option {
	return func(o *options) error {
		if steps < 0 || deadline < 0 {
			return fmt.Errorf("a message budget of %d steps and %v: want 0 or more", steps, deadline)
		}
		o.limits.steps, o.limits.deadline = steps, deadline
		return nil
	}
}

// WithMemoryLimit caps the memory of each service's Lua values, in bytes; 0 does not.
func WithMemoryLimit(bytes int64) Option {
	return func(o *options) error {
		if bytes < 0 {
			return fmt.Errorf("a memory limit of %d bytes: want 0 or more", bytes)
		}
		o.limits.memory = bytes
		return nil
	}
}

// limits are what a service may use.
type limits struct {
	steps    int64
	deadline time.Duration // per message
	memory   int64         // bytes per service
}

// begin starts the budget of a message.
func (l *limits) begin(s *vm.State) {
	if s == nil || l.steps == 0 && l.deadline == 0 {
		return
	}
	var end time.Time
	if l.deadline > 0 {
		end = time.Now().Add(l.deadline)
	}
	s.SetBudget(l.steps, end)
}
