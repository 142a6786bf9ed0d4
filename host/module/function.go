package module

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// bindExport makes a Lua function of an exported one, and its declaration. self is the type that it is a method of,
// or nil.
func (m *Module) bindExport(e export, prefix string, self *userType) (decl.Function, vm.Func, error) {
	d, err := decl.ParseSignature(e.signature)
	if err != nil {
		return d, nil, err
	}
	fn, err := m.bindFunc(&d, e.fn, self)
	if err == nil {
		err = document(&d, e.doc)
	}
	if err != nil {
		return d, nil, fmt.Errorf("%s%s: %w", prefix, d.Name, err)
	}
	return d, fn, nil
}

func (m *Module) bindFunc(d *decl.Function, fn any, self *userType) (vm.Func, error) {
	switch f := fn.(type) {
	case nil:
		return nil, fmt.Errorf("no function is given")
	case func(*vm.Call) error:
		return f, typed(d)
	case vm.Func:
		return f, typed(d)
	case *vm.GoFunction:
		return nil, typed(d)
	}
	b, err := m.converters.newBound(d, fn, self)
	if err != nil {
		return nil, err
	}
	return b.lua(), nil
}

// typed checks that a signature tells all types.
func typed(d *decl.Function) error {
	for _, v := range slices.Concat(d.Params, d.Results) {
		if v.Type == "" {
			return fmt.Errorf("its signature has no type for %s", v.Name)
		}
	}
	return nil
}

// document adds the texts that follow a function to its declaration.
func document(d *decl.Function, doc []string) error {
	d.Doc = first(doc)
	for _, line := range doc[min(1, len(doc)):] {
		name, text, ok := strings.Cut(line, ":")
		v := find(d, name)
		if !ok || v == nil {
			return fmt.Errorf("documentation %q begins with no parameter's or result's name", line)
		}
		v.Doc = strings.TrimSpace(text)
	}
	return nil
}

// find returns the parameter or result of a name, or nil.
func find(d *decl.Function, name string) *decl.Value {
	for _, values := range [][]decl.Value{d.Params, d.Results} {
		for i := range values {
			if values[i].Name == name {
				return &values[i]
			}
		}
	}
	return nil
}

// bound is a Go function that is called by reflection.
type bound struct {
	name       string
	fn         reflect.Value
	converters *converters
	self       *userType
	provided   *provider // of the first parameter, or nil
	optional   []bool    // for each argument of the Lua function, but self

	params       []param
	variadic     decoder // of the last parameter's elements, or nil
	variadicType reflect.Type
	results      []encoder
	spread       bool   // the one result is Results
	fails        bool   // the last result is an error
	soft         bool   // ReturnErrors
	suspends     bool   // it has a context
	shift        int    // 1 for methods
	field        string // that the function sets, or ""
	spare        sync.Pool
}

// param is a parameter of a Go function: of argument i, or provided.
type param struct {
	typ      reflect.Type
	i        int
	decode   decoder
	optional bool
	get      func(c *vm.Call) any // nil for an argument, and for the context
}

var (
	contextT = reflect.TypeFor[context.Context]()
	serviceP = provide(service)
)

func (c *converters) newBound(d *decl.Function, fn any, self *userType) (*bound, error) {
	b := &bound{name: c.module + "." + d.Name, converters: c, self: self}
	if r, ok := fn.(returnErrors); ok {
		b.soft, fn = true, r.fn
	}
	b.fn = reflect.ValueOf(fn)
	if b.fn.Kind() != reflect.Func || b.fn.IsNil() {
		return nil, fmt.Errorf("a %T is no function", fn)
	}
	args, t := b.read(b.fn.Type()), b.fn.Type()
	if err := b.declareParams(d, args); err != nil {
		return nil, err
	}
	return b, b.declareResults(d, t)
}

// read finds out about the parameters of a Go function type, and returns the types of those that come from Lua.
func (b *bound) read(t reflect.Type) (args []reflect.Type) {
	for i := range t.NumIn() {
		in := t.In(i)
		p := param{typ: in}
		switch from := b.converters.provider(in); {
		case in == contextT:
			b.suspends = true
		case from != nil && !(b.self != nil && in == b.self.pointer):
			p.get = from.get
			if i == 0 {
				b.provided = from
			}
		case t.IsVariadic() && i == t.NumIn()-1:
			b.variadic, b.variadicType = b.converters.in(in.Elem()), in
			args = append(args, in)
			continue
		default:
			args = append(args, in)
			p.i, p.decode = len(args), b.converters.in(in)
		}
		b.params = append(b.params, p)
	}
	return args
}

// provider returns what provides values of a type, or nil when they come from Lua.
func (c *converters) provider(t reflect.Type) *provider {
	switch {
	case t == serviceP.typ:
		return serviceP
	case c.instance != nil && t == c.instance.typ:
		return c.instance
	}
	return nil
}

// declareParams checks the parameters against the signature and gives that the types it doesn't have.
func (b *bound) declareParams(d *decl.Function, args []reflect.Type) error {
	if b.self != nil {
		if len(args) == 0 || args[0] != b.self.pointer {
			return fmt.Errorf("its first argument is no %s", b.self.pointer)
		}
		if !strings.HasPrefix(d.Name, "__") {
			b.shift = 1
			args = args[1:]
		}
	}
	if len(args) != len(d.Params) {
		return fmt.Errorf("the signature has %d parameters, the function %d", len(d.Params), len(args))
	}
	for i, t := range args {
		p := &d.Params[i]
		if err := b.converters.check(t); err != nil {
			return fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		if b.suspends && t.Kind() == reflect.Func {
			return fmt.Errorf("parameter %s: a function with a context takes callbacks as *module.Callback", p.Name)
		}
		isVariadic := b.variadic != nil && i == len(args)-1
		if isVariadic != (p.Name == "...") {
			return fmt.Errorf("parameter %s: ... stands for the variadic parameter, and only for that", p.Name)
		}
		if isVariadic {
			t = t.Elem()
		}
		typ := b.converters.luaType(t)
		if t.Kind() == reflect.Pointer && b.converters.types[t] == nil && t != tableT && t != callbackT {
			p.Optional = true
			typ = strings.TrimSuffix(typ, "?")
		}
		if p.Type == "" {
			p.Type = typ
		}
		b.optional = append(b.optional, p.Optional)
	}
	for i := range b.params {
		if p := &b.params[i]; p.i > b.shift {
			p.optional = b.optional[p.i-1-b.shift]
		}
	}
	return nil
}

func (b *bound) declareResults(d *decl.Function, t reflect.Type) error {
	n := t.NumOut()
	if n > 0 && t.Out(n-1) == errorT {
		b.fails = true
		n--
	}
	if b.soft && !b.fails {
		return fmt.Errorf("ReturnErrors is for functions whose last result is an error")
	}
	if n == 1 && t.Out(0) == resultsT {
		b.spread = true
		if d.Results == nil {
			d.Results = []decl.Value{{Name: "...", Type: "any"}}
		}
		return typed(&decl.Function{Results: d.Results})
	}
	if d.Results == nil {
		d.Results = make([]decl.Value, n)
	}
	if declared := len(d.Results); declared != n && !(b.soft && declared == max(n, 1)+1) {
		return fmt.Errorf("the signature has %d results, the function %d", declared, n)
	}
	for i := range n {
		if err := b.converters.check(t.Out(i)); err != nil {
			return err
		}
		b.results = append(b.results, b.converters.out(t.Out(i)))
		if r := &d.Results[i]; r.Type == "" {
			r.Type = b.converters.luaType(t.Out(i))
			if b.soft {
				r.Type = optional(r.Type)
			}
		}
	}
	if b.soft {
		b.declareSoft(d, n)
	}
	return nil
}

// declareSoft declares what ReturnErrors adds: a first result that may be nil, and the message.
func (b *bound) declareSoft(d *decl.Function, n int) {
	if n == 0 && len(d.Results) == 0 {
		d.Results = []decl.Value{{Name: "ok", Type: "true?"}}
	}
	if want := max(n, 1); len(d.Results) == want {
		d.Results = append(slices.Clip(d.Results), decl.Value{Name: "err"})
	}
	for i := range d.Results {
		if r := &d.Results[i]; r.Type == "" {
			r.Type = "string?"
			if i == 0 {
				r.Type = "true?"
			}
		}
	}
}

// lua returns the function for Lua.
func (b *bound) lua() vm.Func {
	if f := b.fast(); f != nil {
		return f
	}
	if b.suspends {
		return b.start
	}
	return b.call
}

// fast returns the function without reflection, or nil when there is no such way.
func (b *bound) fast() vm.Func {
	fn := b.fn.Interface()
	switch {
	case b.soft || b.suspends:
		return nil
	case b.self != nil:
		if b.shift == 0 {
			return nil
		}
		return b.self.fast(fn, b.optional)
	case b.provided != nil:
		return b.provided.fast(fn, b.optional)
	}
	return fast(fn, b.optional)
}

// activation is what one call by reflection needs; it is used again.
type activation struct {
	args []reflect.Value // settable; the context's place is empty
	in   decoding
	out  encoding
}

func (b *bound) activate() *activation {
	if a, ok := b.spare.Get().(*activation); ok {
		return a
	}
	a := &activation{args: make([]reflect.Value, len(b.params))}
	for i, p := range b.params {
		if p.typ != contextT {
			a.args[i] = reflect.New(p.typ).Elem()
		}
	}
	return a
}

// release keeps a for the next call.
func (b *bound) release(a *activation) {
	clear(a.args[len(b.params):])
	a.args = a.args[:len(b.params)]
	for _, v := range a.args {
		if v.IsValid() {
			v.SetZero()
		}
	}
	a.in, a.out = decoding{}, encoding{}
	b.spare.Put(a)
}

// take stores the arguments of the call in a.
func (b *bound) take(c *vm.Call, a *activation) error {
	a.in.state, a.out.state = c.State(), c.State()
	for i := range b.params {
		p := &b.params[i]
		switch {
		case p.get != nil:
			if v := reflect.ValueOf(p.get(c)); v.IsValid() {
				a.args[i].Set(v)
			}
		case p.decode == nil || p.optional && c.Arg(p.i).IsNil():
		default:
			if p.typ == anyT || p.typ == valueT {
				c.CheckAny(p.i)
			}
			if err := b.decode(c, a, p.i, p.decode, a.args[i]); err != nil {
				return err
			}
		}
	}
	if b.variadic == nil {
		return nil
	}
	for i := len(b.optional) + b.shift; i <= c.NArgs(); i++ {
		v := reflect.New(b.variadicType.Elem()).Elem()
		if err := b.decode(c, a, i, b.variadic, v); err != nil {
			return err
		}
		a.args = append(a.args, v)
	}
	return nil
}

func (b *bound) decode(c *vm.Call, a *activation, i int, f decoder, to reflect.Value) error {
	err := f(&a.in, c.Arg(i), to)
	switch {
	case err == nil:
		return nil
	case b.field != "":
		return b.badField(c, err)
	}
	return badArgument(c, i, err)
}

// badField words what is wrong with the value that a field is set to.
func (b *bound) badField(c *vm.Call, err error) error {
	switch e := err.(type) {
	case *mismatch, invalid:
		return c.Errorf("bad value for field '%s' (%s)", b.field, e.Error())
	case *argError:
		return c.Errorf("bad value for field '%s' (%s)", b.field, e.message)
	}
	return err
}

// call calls the function in the service's turn.
func (b *bound) call(c *vm.Call) error {
	a := b.activate()
	err := b.take(c, a)
	if err == nil {
		err = b.finish(c, a, b.fn.Call(a.args))
	}
	b.release(a)
	return err
}

// finish hands over what the Go function returned.
func (b *bound) finish(c *vm.Call, a *activation, results []reflect.Value) error {
	if b.fails {
		last := len(results) - 1
		if err, _ := results[last].Interface().(error); err != nil {
			return b.failed(c, err)
		}
		results = results[:last]
	}
	if b.spread {
		for _, x := range results[0].Interface().(Results) {
			v, err := b.converters.value(&a.out, x)
			if err != nil {
				return err
			}
			c.Push(v)
		}
		return nil
	}
	for i, r := range results {
		v, err := b.results[i](&a.out, r)
		if err != nil {
			return err
		}
		c.Push(v)
	}
	if b.soft && len(results) == 0 {
		c.Push(vm.Bool(true))
	}
	return nil
}

func (b *bound) failed(c *vm.Call, err error) error {
	if b.field != "" {
		return b.badField(c, err)
	}
	var bad *argError
	if !b.soft || errors.As(err, &bad) {
		return raise(c, err, b.shift)
	}
	c.Push(vm.Nil(), c.State().NewString(err.Error()))
	return nil
}

// start begins a function that has a context: it runs in a goroutine while the task waits.
func (b *bound) start(c *vm.Call) error {
	s := service(c)
	if err := s.Forbid(c, b.name); err != nil {
		return err
	}
	if err := s.CheckWait(c); err != nil {
		return err
	}
	a := b.activate()
	if err := b.take(c, a); err != nil {
		return err
	}
	session := s.NewSession()
	s.Background(func(ctx context.Context) {
		var o outcome
		defer func() { s.Deliver(session, &o) }()
		o.run(b, ctx, a.args)
	})
	return s.Wait(c, session, func(c *vm.Call, r host.Reply) error {
		o := r.Message.Value.(*outcome)
		if o.err != nil {
			return o.err
		}
		return b.finish(c, a, o.results)
	})
}

// outcome is how a function ended that ran in a goroutine.
type outcome struct {
	results []reflect.Value
	err     error
}

func (o *outcome) run(b *bound, ctx context.Context, args []reflect.Value) {
	o.err = errGone
	defer func() {
		if r := recover(); r != nil {
			o.err = vm.Recovered(r)
		}
	}()
	for i := range b.params {
		if b.params[i].typ == contextT {
			args[i] = reflect.ValueOf(ctx)
		}
	}
	o.results, o.err = b.fn.Call(args), nil
}
