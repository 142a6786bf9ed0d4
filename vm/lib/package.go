package lib

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/bytecode"
)

// DefaultPath is the first value of package.path where no other is given: the folders of C Lua 5.2, then the current one.
func DefaultPath() string {
	if runtime.GOOS == "windows" {
		return `.\?.lua;.\?\init.lua`
	}
	const shared = "/usr/local/share/lua/5.2/?.lua;/usr/local/share/lua/5.2/?/init.lua;"
	const native = "/usr/local/lib/lua/5.2/?.lua;/usr/local/lib/lua/5.2/?/init.lua;"
	const system = "/usr/share/lua/5.2/?.lua;/usr/share/lua/5.2/?/init.lua;"
	return shared + native + system + "./?.lua"
}

// packages are the functions of package (Lua 5.2 manual, section 6.3).
type packages struct {
	library   *vm.Library
	searchers []Searcher
}

func (l *Set) newPackages() packages {
	members := []*vm.GoFunction{
		vm.NewFunction("package.searchpath", l.searchPath),
		vm.NewFunction("package.seeall", seeAll),
	}
	if !l.sandboxed() {
		members = append(members, vm.NewFunction("package.loadlib", loadLib))
	}
	p := packages{searchers: []Searcher{
		{Name: "preload searcher", Find: findPreload, Tried: func(_ *vm.Call, name string) string {
			return "\n\tno field package.preload['" + name + "']"
		}},
		{Name: "Lua searcher", Find: l.findLua, Tried: triedAlong("path", wholeName)},
		{Name: "C searcher", Find: l.findLibrary, Tried: triedAlong("cpath", wholeName)},
		{Name: "C root searcher", Find: l.findInRoot, Tried: triedAlong("cpath", rootName)},
	}}
	p.searchers = l.options.Searchers(p.searchers)
	functions := make([]vm.Value, len(p.searchers))
	for i, r := range p.searchers {
		functions[i] = r.function()
	}
	listed := vm.NewLibrary("searchers", nil, nil)
	searchers := func(s *vm.State) vm.Value {
		return s.Once(listed, func(s *vm.State) *vm.Table { return s.NewList(functions...) }).Value()
	}
	p.library = vm.NewLazyLibrary("package", members, map[string]vm.Value{
		"path":   vm.String(l.options.Path),
		"cpath":  vm.String(l.options.CPath),
		"config": vm.String(separator() + "\n;\n?\n!\n-\n"),
	}, map[string]func(s *vm.State) vm.Value{
		"loaded":    func(s *vm.State) vm.Value { return registryTable(s, loadedKey).Value() },
		"preload":   newPreload,
		"searchers": searchers,
		"loaders":   searchers,
	})
	return p
}

func newPreload(s *vm.State) vm.Value {
	t := s.NewTable(0, 0)
	s.Registry().SetString(preloadKey, t.Value())
	return t.Value()
}

func separator() string {
	if runtime.GOOS == "windows" {
		return `\`
	}
	return "/"
}

func (l *Set) openPackage(s *vm.State) *vm.Table {
	p := s.NewTable(0, 0)
	s.Layer(p, l.packages.library)
	return p
}

func registryTable(s *vm.State, key string) *vm.Table {
	t, _ := s.Registry().GetString(key).AsTable()
	return t
}

// require returns the value of a module, which it finds and loads at the first time. The module's code may yield, and so may
// the searchers that a script has put into package.searchers.
func (l *Set) require(c *vm.Call) error {
	name := c.CheckString(1)
	s := c.State()
	if v := registryTable(s, loadedKey).GetString(name); v.Truthy() {
		if importer := l.importer(c); importer != "" {
			l.options.OnRequire(s, Requirement{Importer: importer, Module: name})
		}
		return c.Return(v)
	}
	p := registryTable(s, packageKey)
	if !p.Holds("searchers") { // nobody has looked at the table: it needn't be made
		return l.find(c, name)
	}
	searchers, ok := p.GetString("searchers").AsTable()
	if !ok {
		return c.Errorf("'package.searchers' must be a table")
	}
	r := &requirement{name: name, importer: l.importer(c), searchers: searchers}
	return r.search(l, c)
}

// find asks the searchers as they were at first.
func (l *Set) find(c *vm.Call, name string) error {
	importer := l.importer(c)
	for _, r := range l.packages.searchers {
		loader, value, err := r.Find(c, name)
		if err != nil {
			return unplaced(err)
		}
		if !loader.IsNil() {
			return l.loadFound(c, name, importer, loader, value)
		}
	}
	var tried strings.Builder
	for _, r := range l.packages.searchers {
		tried.WriteString(r.tried(c, name))
	}
	return c.Errorf("module '%s' not found:%s", name, tried.String())
}

// unplaced is an error without the place that required the module: that of a searcher called by require, as in C Lua.
func unplaced(err error) error {
	if e, ok := err.(*vm.Error); ok {
		return e
	}
	return &vm.Error{Value: vm.String(err.Error()), Cause: err}
}

// loadFound calls what a searcher has found, and stores what that returns.
func (l *Set) loadFound(c *vm.Call, name, importer string, loader, value vm.Value) error {
	if file, ok := value.AsString(); ok && l.options.OnRequire != nil {
		l.options.OnRequire(c.State(), Requirement{importer, name, file, loader})
	}
	return c.CallThen(func(c *vm.Call) error {
		loaded := registryTable(c.State(), loadedKey)
		if v := c.Arg(1); !v.IsNil() {
			loaded.SetString(name, v)
		} else if loaded.GetString(name).IsNil() {
			loaded.SetString(name, vm.Bool(true))
		}
		return c.Return(loaded.GetString(name))
	}, loader, vm.String(name), value)
}

// Searcher is a function of package.searchers (manual, section 6.3) in two parts: most searches find something, and need no
// words. A search calls no Lua code.
type Searcher struct {
	Name string // for messages and tracebacks

	// Find returns the loader of a module and the second argument that it gets. The loader is nil where there is no such
	// module. An error ends the search.
	Find func(c *vm.Call, name string) (loader, value vm.Value, err error)

	// Tried says where Find has looked in vain, in lines that begin with "\n\t". Nil says nothing.
	Tried func(c *vm.Call, name string) string
}

func (r Searcher) tried(c *vm.Call, name string) string {
	if r.Tried == nil {
		return ""
	}
	return r.Tried(c, name)
}

// function is the searcher as scripts find it in package.searchers.
func (r Searcher) function() vm.Value {
	return vm.Function(r.Name, func(c *vm.Call) error {
		name := c.CheckString(1)
		loader, value, err := r.Find(c, name)
		switch {
		case err != nil:
			return err
		case !loader.IsNil() && value.IsNil():
			return c.Return(loader)
		case !loader.IsNil():
			c.Push(loader, value)
			return nil
		}
		if tried := r.tried(c, name); tried != "" {
			return c.Return(c.State().NewString(tried))
		}
		return nil
	})
}

// Requirement is one require, as Options.OnRequire is told.
type Requirement struct {
	Importer string   // chunk name of the main chunk that called require ("@main.lua"); "" when a function did
	Module   string   // its name; "" for a file that was loaded by dofile or loadfile
	File     string   // that its code was read from; "" when it was loaded before
	Loader   vm.Value // the code; nil when it was loaded before
}

// importer returns the chunk name of the main chunk that called require, or "". A host may have put a function of its
// own in the place of require, which calls it.
func (l *Set) importer(c *vm.Call) string {
	if l.options.OnRequire == nil {
		return ""
	}
	for level := 1; level < 4; level++ {
		f, ok := c.Thread().Frame(level)
		if !ok {
			break
		}
		if f.Function().IsLuaFunction() {
			return f.MainChunk()
		}
	}
	return ""
}

// requirement is a require on its way through package.searchers.
type requirement struct {
	name      string
	importer  string
	searchers *vm.Table
	next      int    // searcher, from 1
	message   string // of the searchers that found nothing
}

// search asks the next searcher.
func (r *requirement) search(l *Set, c *vm.Call) error {
	r.next++
	searcher := r.searchers.GetInt(r.next)
	if searcher.IsNil() {
		return c.Errorf("module '%s' not found:%s", r.name, r.message)
	}
	return c.CallThen(func(c *vm.Call) error { return r.found(l, c) }, searcher, vm.String(r.name))
}

// found goes on with what a searcher returned: a loader and a value for it, or a message.
func (r *requirement) found(l *Set, c *vm.Call) error {
	loader := c.Arg(1)
	if loader.IsFunction() {
		return l.loadFound(c, r.name, r.importer, loader, c.Arg(2))
	}
	if message, ok := vm.ToString(loader); ok {
		r.message += message
	}
	return r.search(l, c)
}

// Searchers.

func findPreload(c *vm.Call, name string) (loader, value vm.Value, err error) {
	if t := registryTable(c.State(), preloadKey); t != nil {
		loader = t.GetString(name)
	}
	return loader, vm.Nil(), nil
}

// findLua looks for a module written in Lua along package.path, then among those that came with the host.
func (l *Set) findLua(c *vm.Call, name string) (loader, value vm.Value, err error) {
	template, err := packagePath(c, "path")
	if err != nil {
		return vm.Nil(), vm.Nil(), err
	}
	text := ""
	file, f := l.findFile(c.State(), l.candidates.of(placesOf(name, template, ".")))
	if f != nil {
		text, err = readCode(c.State(), f, file)
	} else if file, text, err = l.findModule(c.State(), name); file == "" {
		return vm.Nil(), vm.Nil(), nil
	}
	if err == nil {
		loader, err = l.loadModule(c.State(), file, text)
	}
	if isSyntaxError(err) && l.options.Replace != nil {
		if other, text, e := l.findModule(c.State(), name); other != "" && other != file && e == nil && l.options.Replace(c.State(), file, err) {
			file = other
			loader, err = l.loadModule(c.State(), file, text)
		}
	}
	if err != nil {
		return vm.Nil(), vm.Nil(), LoadingError(name, file, err)
	}
	if p, ok := vm.MainChunk(loader); ok && p.Source() == "@"+file {
		file = p.Source()[1:] // the code has the same text: one is enough for all states
	}
	return loader, vm.String(file), nil
}

func (l *Set) loadModule(s *vm.State, file, text string) (vm.Value, error) {
	return l.loadText(s, bytecode.SkipFirstLine(text), "@"+file, "bt", s.Globals().Value())
}

// isSyntaxError tells an error of the compiler from those that end the state's work.
func isSyntaxError(err error) bool {
	var e *vm.Error
	return err != nil && !(errors.As(err, &e) && e.Fatal())
}

// findModule looks for a module among those that came with the host. It is read once.
func (l *Set) findModule(s *vm.State, name string) (file, text string, err error) {
	if l.options.Modules == nil {
		return "", "", nil
	}
	if m, ok := l.read.Load(name); ok {
		return m.(moduleText).file, m.(moduleText).text, nil
	}
	base := strings.ReplaceAll(name, ".", "/")
	for _, file := range []string{base + ".lua", base + "/init.lua"} {
		if !fs.ValidPath(file) {
			continue
		}
		f, err := l.options.Modules.Open(file)
		if err != nil {
			continue
		}
		text, err = readAll(s, f, sizeOf(f))
		f.Close()
		file = path.Join(l.options.ModulesName, file)
		if err == nil {
			l.read.Store(name, moduleText{file, text})
		}
		return file, text, err
	}
	return "", "", nil
}

// moduleText is a file of Options.Modules.
type moduleText struct{ file, text string }

// LoadingError is the error of a searcher that has found a module whose code can't be loaded.
func LoadingError(name, file string, err error) error {
	var e *vm.Error
	if errors.As(err, &e) && e.Fatal() {
		return e
	}
	return fmt.Errorf("error loading module '%s' from file '%s':\n\t%w", name, file, err)
}

// findInRoot looks for a module inside of the C library of the first part of its name.
func (l *Set) findInRoot(c *vm.Call, name string) (loader, value vm.Value, err error) {
	if rootName(name) == "" {
		return vm.Nil(), vm.Nil(), nil
	}
	return l.findAlong(c, name, rootName(name))
}

// findLibrary looks for a module written in C: to find one is an error that says what the matter is.
func (l *Set) findLibrary(c *vm.Call, name string) (loader, value vm.Value, err error) {
	return l.findAlong(c, name, name)
}

func (l *Set) findAlong(c *vm.Call, name, library string) (loader, value vm.Value, err error) {
	template, err := packagePath(c, "cpath")
	if err != nil {
		return vm.Nil(), vm.Nil(), err
	}
	file, f := l.findFile(c.State(), placesOf(library, template, ".").files)
	if f == nil {
		return vm.Nil(), vm.Nil(), nil
	}
	f.Close()
	return vm.Nil(), vm.Nil(), LoadingError(name, file, errNoLibraries)
}

var errNoLibraries = errors.New("dynamic libraries not enabled; check your Lua installation")

func packagePath(c *vm.Call, field string) (string, error) {
	template, ok := vm.ToString(registryTable(c.State(), packageKey).GetString(field))
	if !ok {
		return "", fmt.Errorf("'package.%s' must be a string", field)
	}
	return template, nil
}

func wholeName(name string) string { return name }

// rootName is the first part of the name of a module inside of another; "" of one that isn't.
func rootName(name string) string {
	root, _, isSub := strings.Cut(name, ".")
	if !isSub {
		return ""
	}
	return root
}

// triedAlong says that there was no file along a path of package, for the part of a name.
func triedAlong(field string, part func(name string) string) func(c *vm.Call, name string) string {
	return func(c *vm.Call, name string) string {
		template, err := packagePath(c, field)
		if err != nil || part(name) == "" {
			return ""
		}
		return placesOf(part(name), template, ".").tried()
	}
}

// openWork is how many steps of a budget a look for a file counts for.
const openWork = 100

// places are where a module or file of some name may be: the templates of a path, with the name in the place of each "?".
type places struct{ name, template string }

// placesOf makes the separators in the name those of directories.
func placesOf(name, template, sep string) places {
	if sep != "" {
		name = strings.ReplaceAll(name, sep, separator())
	}
	return places{name, template}
}

func (p places) files(yield func(file string) bool) {
	for t := range strings.SplitSeq(p.template, ";") {
		if t != "" && !yield(strings.ReplaceAll(t, "?", p.name)) {
			return
		}
	}
}

// tried says where there was no file, a line for each.
func (p places) tried() string {
	var lines strings.Builder
	for file := range p.files {
		lines.WriteString("\n\tno file '" + file + "'")
	}
	return lines.String()
}

// findFile opens the first file that can be opened; f is nil when there is none.
func (l *Set) findFile(s *vm.State, files iter.Seq[string]) (file string, f fs.File) {
	for file := range files {
		*s.Steps() -= openWork
		if f, err := l.options.Open(s, file); err == nil {
			return file, f
		}
	}
	return "", nil
}

// candidates remembers the files of places: each state that starts looks for the same modules.
type candidates struct {
	mu    sync.Mutex
	known map[places][]string
}

const (
	maxCandidates = 1024 // places that are remembered
	maxCandidate  = 4096 // bytes of such a path
)

func (n *candidates) of(p places) iter.Seq[string] {
	if len(p.name)+len(p.template) > maxCandidate {
		return p.files
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	files, ok := n.known[p]
	if !ok {
		if n.known == nil || len(n.known) >= maxCandidates {
			n.known = map[places][]string{}
		}
		files = slices.Collect(p.files)
		n.known[p] = files
	}
	return slices.Values(files)
}

func (l *Set) searchPath(c *vm.Call) error {
	name, template := c.CheckString(1), c.CheckString(2)
	sep := c.OptString(3, ".")
	if rep := c.OptString(4, separator()); sep != "" {
		name = strings.ReplaceAll(name, sep, rep)
	}
	if err := reserve(c.State(), len(template)+strings.Count(template, "?")*len(name)); err != nil {
		return err
	}
	places := places{name, template}
	if file, f := l.findFile(c.State(), places.files); f != nil {
		f.Close()
		return c.Return(c.State().NewString(file))
	}
	c.Push(vm.Nil(), vm.String(places.tried()))
	return nil
}

func loadLib(c *vm.Call) error {
	c.CheckString(1)
	c.CheckString(2)
	c.Push(vm.Nil(), vm.String(errNoLibraries.Error()), vm.String("absent"))
	return nil
}

// What remains of Lua 5.1's modules.

// module makes the table of a module and lets it be the globals of the code that called it.
func module(c *vm.Call) error {
	name := c.CheckString(1)
	s := c.State()
	loaded := registryTable(s, loadedKey)
	m, ok := loaded.GetString(name).AsTable()
	if !ok {
		if m, ok = findTable(s, name); !ok {
			return c.Errorf("name conflict for module '%s'", name)
		}
		loaded.SetString(name, m.Value())
	}
	if m.GetString("_NAME").IsNil() {
		m.SetString("_M", m.Value())
		m.SetString("_NAME", vm.String(name))
		m.SetString("_PACKAGE", vm.String(name[:strings.LastIndexByte(name, '.')+1]))
	}
	f, ok := c.Thread().Frame(1)
	if !ok || !f.Function().IsLuaFunction() {
		return c.Errorf("'module' not called from a Lua function")
	}
	s.SetUpvalue(f.Function(), 1, m.Value())
	for i := 2; i <= c.NArgs(); i++ {
		if option := c.Arg(i); option.IsFunction() {
			if _, err := c.Call(option, m.Value()); err != nil {
				return err
			}
		}
	}
	return c.Return(m.Value())
}

// findTable returns the table that a dotted name leads to from the globals, and makes the tables on the way.
func findTable(s *vm.State, name string) (*vm.Table, bool) {
	t := s.Globals()
	for _, field := range strings.Split(name, ".") {
		v := t.GetString(field)
		if v.IsNil() {
			v = s.NewTable(0, 1).Value()
			t.SetString(field, v)
		}
		var ok bool
		if t, ok = v.AsTable(); !ok {
			return nil, false
		}
	}
	return t, true
}

// seeAll lets a module see the globals.
func seeAll(c *vm.Call) error {
	t := c.CheckTable(1)
	meta := t.Metatable()
	if meta == nil {
		meta = c.State().NewTable(0, 1)
		c.State().SetMetatable(t, meta)
	}
	meta.SetString("__index", c.State().Globals().Value())
	return nil
}
