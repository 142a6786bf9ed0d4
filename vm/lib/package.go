package lib

import (
	"errors"
	"io/fs"
	"path"
	"runtime"
	"strings"

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
	searchers []vm.Value
}

func (l *Set) newPackages() packages {
	functions := []*vm.GoFunction{
		vm.NewFunction("package.searchpath", l.searchPath),
		vm.NewFunction("package.seeall", seeAll),
	}
	if !l.sandboxed() {
		functions = append(functions, vm.NewFunction("package.loadlib", loadLib))
	}
	p := packages{searchers: []vm.Value{
		vm.Function("preload searcher", searchPreload),
		vm.Function("Lua searcher", l.searchLua),
		vm.Function("C searcher", l.searchC),
		vm.Function("C root searcher", l.searchCRoot),
	}}
	p.searchers = l.options.Searchers(p.searchers)
	listed := vm.NewLibrary("searchers", nil, nil)
	searchers := func(s *vm.State) vm.Value {
		return s.Once(listed, func(s *vm.State) *vm.Table { return s.NewList(p.searchers...) }).Value()
	}
	p.library = vm.NewLazyLibrary("package", functions, map[string]vm.Value{
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

// require returns the value of a module, which it finds and loads at the first time. The searchers and the module's
// code may yield.
func (l *Set) require(c *vm.Call) error {
	name := c.CheckString(1)
	s := c.State()
	if v := registryTable(s, loadedKey).GetString(name); v.Truthy() {
		if importer := l.importer(c); importer != "" {
			l.options.OnRequire(s, Requirement{Importer: importer, Module: name})
		}
		return c.Return(v)
	}
	searchers, ok := l.searchers(s)
	if !ok {
		return c.Errorf("'package.searchers' must be a table")
	}
	r := &requirement{name: name, searchers: searchers}
	r.importer = l.importer(c)
	return r.search(l, c)
}

// searchers returns package.searchers by number. ok is false when that is no table.
func (l *Set) searchers(s *vm.State) (get func(i int) vm.Value, ok bool) {
	p := registryTable(s, packageKey)
	if !p.Holds("searchers") { // nobody has looked at the table: it needn't be made
		return func(i int) vm.Value {
			if i > len(l.packages.searchers) {
				return vm.Nil()
			}
			return l.packages.searchers[i-1]
		}, true
	}
	t, ok := p.GetString("searchers").AsTable()
	if !ok {
		return nil, false
	}
	return t.GetInt, true
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

// requirement is a require on its way.
type requirement struct {
	name      string
	importer  string
	searchers func(i int) vm.Value
	next      int    // searcher, from 0
	message   string // of the searchers that found nothing
}

// search asks the next searcher.
func (r *requirement) search(l *Set, c *vm.Call) error {
	r.next++
	searcher := r.searchers(r.next)
	if searcher.IsNil() {
		return c.Errorf("module '%s' not found:%s", r.name, r.message)
	}
	return c.CallThen(func(c *vm.Call) error { return r.found(l, c) }, searcher, vm.String(r.name))
}

// found goes on with what a searcher returned: a loader and a value for it, or a message.
func (r *requirement) found(l *Set, c *vm.Call) error {
	loader := c.Arg(1)
	if !loader.IsFunction() {
		if message, ok := vm.ToString(loader); ok {
			r.message += message
		}
		return r.search(l, c)
	}
	if file, ok := c.Arg(2).AsString(); ok && l.options.OnRequire != nil {
		l.options.OnRequire(c.State(), Requirement{r.importer, r.name, file, loader})
	}
	return c.CallThen(r.loaded, loader, vm.String(r.name), c.Arg(2))
}

// loaded stores what a module's code returned.
func (r *requirement) loaded(c *vm.Call) error {
	loaded := registryTable(c.State(), loadedKey)
	if v := c.Arg(1); !v.IsNil() {
		loaded.SetString(r.name, v)
	} else if loaded.GetString(r.name).IsNil() {
		loaded.SetString(r.name, vm.Bool(true))
	}
	return c.Return(loaded.GetString(r.name))
}

// Searchers.

func searchPreload(c *vm.Call) error {
	name := c.CheckString(1)
	var loader vm.Value
	if t := registryTable(c.State(), preloadKey); t != nil {
		loader = t.GetString(name)
	}
	if loader.IsNil() {
		return c.Return(vm.String("\n\tno field package.preload['" + name + "']"))
	}
	return c.Return(loader)
}

// searchLua looks for a module written in Lua along package.path, then among those that came with the host.
func (l *Set) searchLua(c *vm.Call) error {
	name := c.CheckString(1)
	template, err := packagePath(c, "path")
	if err != nil {
		return err
	}
	places := placesOf(name, template, ".")
	text := ""
	file, f := l.findFile(c.State(), places)
	if f != nil {
		text, err = readCode(c.State(), f, file)
	} else if file, text, err = l.findModule(c.State(), name); file == "" {
		return c.Return(c.State().NewString(places.tried()))
	}
	var code vm.Value
	if err == nil {
		code, err = l.loadModule(c.State(), file, text)
	}
	if isSyntaxError(err) && l.options.Replace != nil {
		if other, text, e := l.findModule(c.State(), name); other != "" && other != file && e == nil && l.options.Replace(c.State(), file, err) {
			file = other
			code, err = l.loadModule(c.State(), file, text)
		}
	}
	if err != nil {
		return loadingError(c, name, file, err)
	}
	if p, ok := vm.MainChunk(code); ok && p.Source() == "@"+file {
		file = p.Source()[1:] // the code has the same text: one is enough for all states
	}
	c.Push(code, vm.String(file))
	return nil
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

func loadingError(c *vm.Call, name, file string, err error) error {
	var e *vm.Error
	if errors.As(err, &e) && e.Fatal() {
		return e
	}
	return c.Errorf("error loading module '%s' from file '%s':\n\t%s", name, file, err)
}

func (l *Set) searchC(c *vm.Call) error {
	return l.findLibrary(c, c.CheckString(1))
}

func (l *Set) searchCRoot(c *vm.Call) error {
	root, _, isSub := strings.Cut(c.CheckString(1), ".")
	if !isSub {
		return nil
	}
	return l.findLibrary(c, root)
}

// findLibrary looks for a module written in C: to find one is an error that says what the matter is.
func (l *Set) findLibrary(c *vm.Call, name string) error {
	template, err := packagePath(c, "cpath")
	if err != nil {
		return err
	}
	places := placesOf(name, template, ".")
	file, f := l.findFile(c.State(), places)
	if f == nil {
		return c.Return(c.State().NewString(places.tried()))
	}
	f.Close()
	return loadingError(c, c.CheckString(1), file, errNoLibraries)
}

var errNoLibraries = errors.New("dynamic libraries not enabled; check your Lua installation")

func packagePath(c *vm.Call, field string) (string, error) {
	template, ok := vm.ToString(registryTable(c.State(), packageKey).GetString(field))
	if !ok {
		return "", c.Errorf("'package.%s' must be a string", field)
	}
	return template, nil
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
func (l *Set) findFile(s *vm.State, p places) (file string, f fs.File) {
	for file := range p.files {
		*s.Steps() -= openWork
		if f, err := l.options.Open(s, file); err == nil {
			return file, f
		}
	}
	return "", nil
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
	if file, f := l.findFile(c.State(), places); f != nil {
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
