// Package lib is the standard library: all of Lua 5.2's, as Debian's lua5.2 has it, and what scripts written for
// Lua 5.3 and 5.4 expect as far as the syntax of 5.2 allows.
//
// A Set is made once in a process and opened in each state. Its functions and the contents of its tables are shared by
// all states; a state has tables of its own from the first write to them on.
package lib

import (
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/luahost/luahost/vm"
)

// Profile says how much of the machine scripts can reach.
type Profile uint8

const (
	// Full gives scripts what C Lua gives them: files, processes, the environment.
	Full Profile = iota
	// Sandbox leaves out io, package.loadlib, os.execute, os.exit, os.remove, os.rename and os.tmpname; of debug it keeps
	// traceback and getinfo. Binary chunks are refused. Files of code and the environment are reached only where
	// Options.Open and Options.Env are given: without Open there is no loadfile and no dofile.
	Sandbox
)

// Options are the choices of a new Set.
type Options struct {
	Profile Profile

	// The standard streams; nil means those of the process. Stdout is buffered: see Set.Flush.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Env reads the environment for os.getenv. Nil means that of the process, or an empty one in the sandbox.
	Env func(name string) (value string, ok bool)

	// Open opens the files of Lua code that require, loadfile and dofile read.
	// Nil means any file of the disk, or none in the sandbox. A Text saves copying.
	Open func(s *vm.State, path string) (fs.File, error)

	// Modules holds Lua modules that require finds after those of package.path, under ModulesName + "/name.lua" in
	// messages. The module a.b is the file a/b.lua or a/b/init.lua. A file is read once for all states.
	Modules     fs.FS
	ModulesName string // "lualib" when empty

	// Replace is asked whether a module of Modules is taken in the place of a file of package.path that does not compile.
	// Nil means no: the file's error is raised.
	Replace func(s *vm.State, file string, err error) bool

	// Path is the first value of package.path; empty means DefaultPath. CPath is that of package.cpath: modules in C can't
	// be loaded, but are looked for there.
	Path, CPath string

	// Searchers makes what package.searchers holds of the usual four. Nil leaves them as they are.
	Searchers func(usual []Searcher) []Searcher

	// OnRequire is told of each module that require loads from a file, before its code runs, and of each that a main chunk
	// requires after that: who needs whom. Of each file that a main chunk, or what it calls, loads by dofile or loadfile it
	// is told in the same way, with no module.
	OnRequire func(s *vm.State, r Requirement)

	// Exit does the work of os.exit, with the code that a process would end with. closing tells whether the script asked
	// to close the state. The error becomes that of os.exit. Nil ends the running task with an *ExitError as the cause,
	// which no pcall stops.
	Exit func(c *vm.Call, code int, closing bool) error
}

// Set is the standard libraries of a process. It is safe for use by many states at once.
type Set struct {
	options  Options
	opens    bool // Options.Open was given
	globals  *vm.Library
	loaded   *vm.Library // package.loaded
	packages packages
	files    *files
	io       *vm.Library
	methods  *vm.Library // of files
	read     sync.Map    // of Options.Modules: moduleText by name

	candidates candidates
}

// New makes a set of libraries.
func New(o Options) *Set {
	opens := o.Open != nil
	o = o.withDefaults()
	l := &Set{options: o, opens: opens, files: newFiles(o.Stdin, o.Stdout, o.Stderr)}
	l.packages = l.newPackages()
	tables := l.tables()
	l.loaded = vm.NewLazyLibrary("loaded", nil, nil, tables)
	l.globals = l.newGlobals(tables)
	return l
}

// tables has what makes a state's tables of the libraries, by name. A state that doesn't use a library doesn't pay for it.
func (l *Set) tables() map[string]func(s *vm.State) vm.Value {
	tables := map[string]func(s *vm.State) vm.Value{
		"_G":      func(s *vm.State) vm.Value { return s.Globals().Value() },
		"package": func(s *vm.State) vm.Value { return registryTable(s, packageKey).Value() },
	}
	add := func(library *vm.Library, open func(s *vm.State) *vm.Table) {
		tables[library.Name()] = func(s *vm.State) vm.Value { return s.Once(library, open).Value() }
	}
	for _, library := range []*vm.Library{
		bit32Library(),
		coroutineLibrary(),
		l.debugLibrary(),
		mathLibrary(),
		l.osLibrary(),
		tableLibrary(),
		utf8Library(),
	} {
		add(library, func(s *vm.State) *vm.Table { return s.Open(library) })
	}
	text := stringLibrary()
	add(text, func(s *vm.State) *vm.Table { return s.Open(text) })
	if !l.sandboxed() {
		l.io, l.methods = l.ioLibrary(), l.fileMethods()
		add(l.io, l.openIO)
	}
	return tables
}

func (o Options) withDefaults() Options {
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.Path == "" {
		o.Path = DefaultPath()
	}
	if o.ModulesName == "" {
		o.ModulesName = "lualib"
	}
	if o.Searchers == nil {
		o.Searchers = func(usual []Searcher) []Searcher { return usual }
	}
	sandbox := o.Profile == Sandbox
	if o.Env == nil {
		o.Env = os.LookupEnv
		if sandbox {
			o.Env = func(string) (string, bool) { return "", false }
		}
	}
	if o.Open == nil {
		o.Open = func(_ *vm.State, path string) (fs.File, error) { return os.Open(path) }
		if sandbox {
			o.Open = func(_ *vm.State, path string) (fs.File, error) {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
		}
	}
	return o
}

// sandboxed reports whether the profile leaves dangerous functions out.
func (l *Set) sandboxed() bool { return l.options.Profile == Sandbox }

// Flush writes what print and io.write have buffered. A host calls it when it goes idle and before it ends.
func (l *Set) Flush() error { return l.files.stdout.flush() }

// Close writes what the files that scripts have left open hold, and flushes the standard streams.
func (l *Set) Close() error { return l.files.close() }

// The fields of the registry that belong to the libraries, named as in C Lua.
const (
	loadedKey  = "_LOADED"
	preloadKey = "_PRELOAD"
	packageKey = "_PACKAGE"
	fileType   = "FILE*"
	inputKey   = "_IO_input"
	outputKey  = "_IO_output"
)

// Open fills the globals and package.loaded of a new state.
func (l *Set) Open(s *vm.State) {
	loaded := s.NewTable(0, 8)
	s.Layer(loaded, l.loaded)
	s.Registry().SetString(loadedKey, loaded.Value())
	s.Registry().SetString(packageKey, l.openPackage(s).Value())
	s.Layer(s.Globals(), l.globals)
	meta := s.NewTable(0, 1)
	meta.SetString("__index", s.Globals().GetString("string"))
	s.SetTypeMetatable(vm.KindString, meta)
}
