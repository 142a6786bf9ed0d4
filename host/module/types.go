package module

import (
	"fmt"
	"reflect"

	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// TypeOf declares the objects that scripts see where Go functions have a *T. Make it with Type.
type TypeOf[T any] struct {
	*userType
	self arg[*T]
}

// userType is what is known of a type of objects.
type userType struct {
	module  *Module
	pointer reflect.Type
	name    string // "counter", as in messages
	class   string // "greet.counter"
	decl    decl.Class

	methods    []export
	metas      []export
	properties []property

	wrap func(s *vm.State, object any) (vm.Value, error)
	fast func(f any, optional []bool) vm.Func // a method without reflection, or nil

	library *vm.Library
	found   map[string]vm.Value // methods, for the __index of types with properties
	reads   map[string]vm.Func
	writes  map[string]vm.Func
	events  map[string]vm.Value
}

// property is a field that Go functions read and write.
type property struct {
	field    decl.Field
	get, set any
}

// Type declares that *T is an object in Lua, called name in messages. Scripts hold the pointer itself: in a service,
// one pointer is always the same object. Scripts can't see its fields or its metatable.
func Type[T any](m *Module, name, doc string) *TypeOf[T] {
	u := &userType{module: m, name: name, pointer: reflect.TypeFor[*T](), class: m.decl.Name + "." + name}
	u.decl = decl.Class{Name: u.class, Doc: doc}
	self := arg[*T]{func(c *vm.Call, i int) *T {
		if d, ok := c.Arg(i).AsUserdata(); ok {
			if p, ok := d.Data.(*T); ok {
				return p
			}
		}
		panic(c.TypeError(i, name))
	}, 1}
	u.fast = func(f any, optional []bool) vm.Func { return fastWith(f, self, optional, 1) }
	u.wrap = func(s *vm.State, object any) (vm.Value, error) { return wrap(u, s, object.(*T), nil) }
	for _, other := range m.types {
		if other.pointer == u.pointer || other.name == name {
			m.fail("type %s is declared twice", name)
		}
	}
	m.types = append(m.types, u)
	return &TypeOf[T]{u, self}
}

// Method adds a method. Its first argument is the *T, which the signature leaves out: ("add(n)", (*Counter).Add).
// All else is as in Module.Func.
func (t *TypeOf[T]) Method(signature string, fn any, doc ...string) *TypeOf[T] {
	t.methods = append(t.methods, export{signature, fn, doc})
	return t
}

// Meta adds a metamethod (Lua manual, section 2.4), such as __add, __len, __call or __tostring. Its signature has all
// operands: ("__add(a, b)", (*Vec).Add). __index and __newindex get the names that are neither methods nor properties.
func (t *TypeOf[T]) Meta(signature string, fn any, doc ...string) *TypeOf[T] {
	t.metas = append(t.metas, export{signature, fn, doc})
	return t
}

// Property adds a field: get is a func(*T) V, set a func(*T, V), or nil when scripts may not write it. Both may have an
// error as their last result.
func (t *TypeOf[T]) Property(name string, get, set any, doc ...string) *TypeOf[T] {
	t.properties = append(t.properties, property{decl.Field{Name: name, Doc: first(doc)}, get, set})
	return t
}

// OnClose has f called for each object that a service was given: when the service ends, or earlier, when the service
// has lost it and is given another one. f runs in the service's turn. It must bear with objects that scripts have
// closed by a method.
func (t *TypeOf[T]) OnClose(f func(object *T)) *TypeOf[T] {
	u := t.userType
	u.wrap = func(s *vm.State, object any) (vm.Value, error) { return wrap(u, s, object.(*T), f) }
	return t
}

// Arg returns argument i of a function of type func(*vm.Call) error: that of a method's object is 1. Where it is no
// object of the type, Arg panics with the error of a bad argument, as vm.Call.CheckString does.
func (t *TypeOf[T]) Arg(c *vm.Call, i int) *T { return t.self.read(c, i) }

// Value returns the Lua object for a pointer, for functions of type func(*vm.Call) error.
func (t *TypeOf[T]) Value(s *vm.State, object *T) (vm.Value, error) { return t.wrap(s, object) }

// bind makes the methods, properties and metamethods.
func (u *userType) bind(m *Module) {
	var methods []*vm.GoFunction
	u.found = map[string]vm.Value{}
	for _, e := range u.methods {
		d, f, err := m.bindExport(e, u.name+":", u)
		if err != nil {
			m.fail("%w", err)
			continue
		}
		u.checkName(d.Name)
		method := vm.NewFunction(u.name+"."+d.Name, f)
		methods = append(methods, method)
		u.found[d.Name] = method.Value()
		u.decl.Methods = append(u.decl.Methods, d)
	}
	u.library = vm.NewLibrary(u.name, methods, nil)
	u.events = map[string]vm.Value{
		"__tostring":  vm.Function("__tostring", u.text),
		"__metatable": vm.String(u.class),
	}
	for _, e := range u.metas {
		d, f, err := m.bindExport(e, u.name+".", u)
		if err != nil {
			m.fail("%w", err)
			continue
		}
		u.events[d.Name] = vm.Function(u.name+"."+d.Name, f)
		u.decl.Operators = append(u.decl.Operators, d)
	}
	u.bindProperties(m)
	m.decl.Classes = append(m.decl.Classes, u.decl)
}

func (u *userType) checkName(name string) {
	if _, taken := u.found[name]; taken {
		u.module.fail("%s has two fields named %s", u.name, name)
	}
}

// bindProperties puts Go functions before __index and __newindex, where there are fields to read or write.
func (u *userType) bindProperties(m *Module) {
	u.reads, u.writes = map[string]vm.Func{}, map[string]vm.Func{}
	for _, p := range u.properties {
		u.checkName(p.field.Name)
		if err := u.bindProperty(m, &p); err != nil {
			m.fail("property %s of %s: %w", p.field.Name, u.name, err)
		}
		u.decl.Fields = append(u.decl.Fields, p.field)
	}
	index, newindex := u.events["__index"], u.events["__newindex"]
	if len(u.reads) > 0 || !index.IsNil() {
		u.events["__index"] = vm.Function(u.name+".__index", func(c *vm.Call) error { return u.index(c, index) })
	}
	u.events["__newindex"] = vm.Function(u.name+".__newindex", func(c *vm.Call) error { return u.newIndex(c, newindex) })
}

func (u *userType) bindProperty(m *Module, p *property) error {
	get := decl.Function{Name: "get"}
	read, err := m.bindFunc(&get, p.get, u)
	if err != nil {
		return err
	}
	if len(get.Results) != 1 {
		return fmt.Errorf("its get function has %d results", len(get.Results))
	}
	p.field.Type = get.Results[0].Type
	u.reads[p.field.Name] = read
	if p.set == nil {
		return nil
	}
	set := decl.Function{Name: "set", Params: []decl.Value{{Name: "value"}}}
	b, err := m.converters.newBound(&set, p.set, u)
	if err != nil {
		return err
	}
	for i := range b.params {
		if b.params[i].i == 2 {
			b.params[i].i = 3 // __newindex has the field's name between
		}
	}
	b.field = p.field.Name
	u.writes[b.field] = b.call
	return nil
}

// index reads a property or a method, or asks next.
func (u *userType) index(c *vm.Call, next vm.Value) error {
	name, _ := c.Arg(2).AsString()
	if read, ok := u.reads[name]; ok {
		return read(c)
	}
	if method, ok := u.found[name]; ok {
		return c.Return(method)
	}
	if next.IsNil() {
		return c.Return(vm.Nil())
	}
	return c.TailCall(next, c.Arg(1), c.Arg(2))
}

// newIndex writes a property, or asks next.
func (u *userType) newIndex(c *vm.Call, next vm.Value) error {
	name, _ := c.Arg(2).AsString()
	if write, ok := u.writes[name]; ok {
		return write(c)
	}
	if !next.IsNil() {
		return c.TailCall(next, c.Arg(1), c.Arg(2), c.Arg(3))
	}
	if _, ok := u.reads[name]; ok {
		return c.Errorf("field %s of %s is read-only", describe(c.Arg(2)), u.name)
	}
	return c.Errorf("%s has no field %s", u.name, describe(c.Arg(2)))
}

func (u *userType) text(c *vm.Call) error {
	d, ok := c.Arg(1).AsUserdata()
	if !ok || reflect.TypeOf(d.Data) != u.pointer {
		return c.TypeError(1, u.name)
	}
	return c.Return(vm.String(fmt.Sprintf("%s: %p", u.name, d)))
}

// metatable returns the state's own metatable of the type.
func (u *userType) metatable(s *vm.State) *vm.Table {
	key := "class " + u.class
	if t, ok := s.Registry().GetString(key).AsTable(); ok {
		return t
	}
	t := s.NewTable(0, len(u.events)+1)
	for name, v := range u.events {
		t.SetString(name, v)
	}
	if u.events["__index"].IsNil() {
		t.SetString("__index", s.Open(u.library).Value())
	}
	s.Registry().SetString(key, t.Value())
	return t
}

func (u *userType) decode(_ *decoding, v vm.Value, to reflect.Value) error {
	if d, ok := v.AsUserdata(); ok && reflect.TypeOf(d.Data) == u.pointer {
		return set(to, d.Data)
	}
	return &mismatch{u.name, v.Kind()}
}

func (u *userType) encode(e *encoding, v reflect.Value) (vm.Value, error) {
	if v.IsNil() {
		return vm.Nil(), nil
	}
	return u.wrap(e.state, v.Interface())
}
