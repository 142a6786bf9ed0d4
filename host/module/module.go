package module

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// Module is a Lua module in the making. Make it with New; what its methods are given is checked when Module is called.
type Module struct {
	decl      decl.Module
	exports   []export
	constants map[string]vm.Value
	opens     []func(s *host.Service, t *vm.Table) error
	types     []*userType
	structs   []reflect.Type
	classes   []decl.Class
	errs      []error

	filesFirst bool
	ambient    bool

	once       sync.Once
	converters converters
	functions  []*vm.GoFunction
	library    *vm.Library
}

// export is a function before it is bound.
type export struct {
	signature string
	fn        any
	doc       []string
}

// New begins a module that scripts get by require(name).
func New(name, doc string) *Module {
	m := &Module{decl: decl.Module{Name: name, Doc: doc}, constants: map[string]vm.Value{}}
	m.converters.module = name
	return m
}

// Func adds a function. See the package's documentation for fn, signature and doc.
func (m *Module) Func(signature string, fn any, doc ...string) *Module {
	m.exports = append(m.exports, export{signature, fn, doc})
	return m
}

// Const adds a field that is the same in all services: a boolean, number, string, or a vm.Value that no state owns.
func (m *Module) Const(name string, value any, doc ...string) *Module {
	v, typ, err := constant(value)
	if err != nil {
		m.fail("constant %s: %w", name, err)
		return m
	}
	m.constants[name] = v
	m.decl.Constants = append(m.decl.Constants, decl.Field{Name: name, Type: typ, Literal: literal(v), Doc: first(doc)})
	return m
}

// Field declares a field that open makes for each service: see OnOpen. typ is its type as package decl writes them.
func (m *Module) Field(name, typ string, doc ...string) *Module {
	m.decl.Constants = append(m.decl.Constants, decl.Field{Name: name, Type: typ, Doc: first(doc)})
	return m
}

// Struct declares the type of a struct for signatures of functions of type func(*vm.Call) error: EncodeOptions is
// name.encode_options there, where name is the module's.
func (m *Module) Struct(v any) *Module {
	m.structs = append(m.structs, reflect.TypeOf(v))
	return m
}

// Class declares what functions of type func(*vm.Call) error make by themselves: a table or userdata with methods. Its
// name begins with that of the module.
func (m *Module) Class(c decl.Class) *Module {
	m.classes = append(m.classes, c)
	return m
}

// FilesFirst lets a Lua file of the module's name on package.path win: for names that projects have used before.
func (m *Module) FilesFirst() *Module {
	m.filesFirst = true
	return m
}

// Ambient says that the module gives scripts files, processes or the like of the machine: a host with a sandbox doesn't
// have it.
func (m *Module) Ambient() *Module {
	m.ambient = true
	return m
}

// OnOpen has open called when a service requires the module first, to add to its table. The error is raised there.
func (m *Module) OnOpen(open func(s *host.Service, t *vm.Table) error) *Module {
	m.opens = append(m.opens, open)
	return m
}

// Module returns what host.WithModule takes. host.New reports what is wrong with the module.
func (m *Module) Module() host.Module { return m.named(m.decl.Name) }

// Modules returns the module under its own name and others. In a service all of them are one table.
func (m *Module) Modules(aliases ...string) []host.Module {
	all := []host.Module{m.Module()}
	for _, name := range aliases {
		all = append(all, m.named(name))
	}
	return all
}

func (m *Module) named(name string) host.Module {
	m.once.Do(m.bind)
	return host.Module{
		Name: name, Open: m.open, FilesFirst: m.filesFirst, Ambient: m.ambient,
		Declaration: &m.decl, Err: errors.Join(m.errs...),
	}
}

// Table opens the module's functions and constants in a state that no service is around; there, functions that need
// one raise errors, and OnOpen and Instance are not called.
func (m *Module) Table(s *vm.State) *vm.Table {
	m.once.Do(m.bind)
	return s.Open(m.library)
}

func (m *Module) fail(format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf("module %s: "+format, append([]any{m.decl.Name}, args...)...))
}

// bind makes Lua functions of the Go functions, once for the process.
func (m *Module) bind() {
	m.converters.types = map[reflect.Type]*userType{}
	for _, t := range m.types {
		m.converters.types[t.pointer] = t
	}
	for _, e := range m.exports {
		d, fn, err := m.bindExport(e, m.decl.Name+".", nil)
		if err != nil {
			m.fail("%w", err)
			continue
		}
		f, ok := e.fn.(*vm.GoFunction)
		if !ok {
			f = vm.NewFunction(m.decl.Name+"."+d.Name, fn)
		} else if !strings.HasSuffix("."+f.Name(), "."+d.Name) {
			m.fail("%s: the function is named %s", d.Name, f.Name())
		}
		m.functions = append(m.functions, f)
		m.decl.Functions = append(m.decl.Functions, d)
	}
	for _, t := range m.types {
		t.bind(m)
	}
	for _, t := range m.structs {
		m.converters.luaType(t)
	}
	m.decl.Classes = append(append(m.decl.Classes, m.converters.classes...), m.classes...)
	m.library = vm.NewLibrary(m.decl.Name, m.functions, m.constants)
	m.checkNames()
}

func (m *Module) checkNames() {
	seen := map[string]bool{}
	name := func(n string) {
		if seen[n] {
			m.fail("two fields are named %s", n)
		}
		seen[n] = true
	}
	for _, f := range m.decl.Functions {
		name(f.Name)
	}
	for _, f := range m.decl.Constants {
		name(f.Name)
	}
}

// local is what a service has of a module.
type local struct {
	table    *vm.Table
	instance any
}

func (m *Module) local(s *host.Service) *local {
	return s.Local(m, newLocal).(*local)
}

func newLocal() any { return new(local) }

// open returns the module's table in a service.
func (m *Module) open(s *host.Service) (vm.Value, error) {
	l := m.local(s)
	if l.table != nil {
		return l.table.Value(), nil
	}
	if m.converters.instance != nil && l.instance == nil {
		v, err := m.converters.instance.open(s)
		if err != nil {
			return vm.Value{}, fmt.Errorf("module %s: %w", m.decl.Name, err)
		}
		l.instance = v
	}
	t := s.State().Open(m.library)
	for _, open := range m.opens {
		if err := open(s, t); err != nil {
			return vm.Value{}, fmt.Errorf("module %s: %w", m.decl.Name, err)
		}
	}
	s.State().OnUndo(func() { l.table = nil })
	l.table = t
	return t.Value(), nil
}

func first(doc []string) string {
	if len(doc) == 0 {
		return ""
	}
	return doc[0]
}

// constant converts what all states may share.
func constant(value any) (v vm.Value, typ string, err error) {
	if v, ok := value.(vm.Value); ok {
		return v, valueType(v), nil
	}
	switch r := reflect.ValueOf(value); r.Kind() {
	case reflect.Bool:
		v = vm.Bool(r.Bool())
	case reflect.String:
		v = vm.String(r.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v = vm.Number(float64(r.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v = vm.Number(float64(r.Uint()))
	case reflect.Float32, reflect.Float64:
		v = vm.Number(r.Float())
	default:
		return v, "", fmt.Errorf("a %T can't be shared by all services; see OnOpen", value)
	}
	return v, valueType(v), nil
}

func valueType(v vm.Value) string {
	switch f, _ := v.AsNumber(); {
	case v.Kind() == vm.KindLightUserdata:
		return "lightuserdata"
	case v.Kind() == vm.KindNumber && f == float64(int64(f)):
		return "integer"
	}
	return v.Kind().String()
}

// literal returns a constant as Lua writes it, or "" where it can't.
func literal(v vm.Value) string {
	switch v.Kind() {
	case vm.KindString:
		s, _ := v.AsString()
		return fmt.Sprintf("%q", s)
	case vm.KindNumber, vm.KindBoolean:
		return vm.Text(v)
	}
	return ""
}
