package module

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// Callback is a Lua function that Go keeps. After a reload it runs the newest code.
type Callback struct {
	service    *host.Service
	f          vm.Value
	converters *converters
}

// ErrEnded is the error of a callback whose service has ended.
var ErrEnded = errors.New("the callback's service has ended")

// Service returns the service that the function belongs to.
func (f *Callback) Service() *host.Service { return f.service }

// Value returns the function as the engine sees it.
func (f *Callback) Value() vm.Value { return f.f }

// Call calls the function and waits for its results. It must be called in the service's turn: by a function that
// scripts have called and that has no context, or in what was given to host.Service.Post. The function can't suspend.
func (f *Callback) Call(args ...any) ([]any, error) {
	t, err := thread(f.service)
	if err != nil {
		return nil, err
	}
	var few [4]vm.Value // most calls have no more arguments
	values, err := f.appendArgs(few[:0], t.State(), args)
	if err != nil {
		return nil, err
	}
	results, err := t.Call(f.f, values...)
	if err != nil {
		return nil, err
	}
	return f.decode(t.State(), results)
}

// Post has the function called in a task of its own, after the messages that wait. It may be called from any goroutine,
// and the function may suspend. Its error goes to the log. args are converted when their turn comes: what they point
// to must not change until then. Post reports false when the service has ended.
func (f *Callback) Post(args ...any) bool {
	return f.service.Post(func(s *host.Service) {
		values, err := f.encode(s.State(), args)
		if err != nil {
			s.Host().Logf(s.Address(), "callback: %s", err)
			return
		}
		s.Go(f.f, values...)
	})
}

// Ask is Post for who wants the results. It must not be called in the service's turn, which it would wait for.
//
// # Errors
//
// That of the function, ErrEnded, or that of ctx: the function may be called nevertheless.
func (f *Callback) Ask(ctx context.Context, args ...any) ([]any, error) {
	done := make(chan answer, 1)
	posted := f.service.Post(func(s *host.Service) {
		values, err := f.encode(s.State(), args)
		if err != nil {
			done <- answer{nil, err}
			return
		}
		s.Go(vm.Function("callback", func(c *vm.Call) error {
			return c.ProtectedCall(func(c *vm.Call) error {
				done <- f.answer(c)
				return nil
			}, f.f, values...)
		}))
	})
	if !posted {
		return nil, ErrEnded
	}
	select {
	case a := <-done:
		return a.results, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.service.Context().Done():
		return nil, ErrEnded
	}
}

type answer struct {
	results []any
	err     error
}

// answer makes Go values of what pcall gives.
func (f *Callback) answer(c *vm.Call) (a answer) {
	if c.Arg(1).Truthy() {
		a.results, a.err = f.decode(c.State(), c.Args()[1:])
	} else {
		a.err = vm.NewError(c.Arg(2))
	}
	return a
}

func (f *Callback) encode(s *vm.State, args []any) ([]vm.Value, error) {
	return f.appendArgs(make([]vm.Value, 0, len(args)), s, args)
}

func (f *Callback) appendArgs(values []vm.Value, s *vm.State, args []any) ([]vm.Value, error) {
	for _, x := range args {
		v, ok := scalarValue(x)
		if !ok {
			var err error
			if v, err = f.converters.value(&encoding{state: s}, x); err != nil {
				return nil, err
			}
		}
		values = append(values, v)
	}
	return values, nil
}

// scalarValue converts what takes no memory.
func scalarValue(x any) (v vm.Value, ok bool) {
	switch x := x.(type) {
	case nil:
		return vm.Nil(), true
	case bool:
		return vm.Bool(x), true
	case int:
		return vm.Int(x), true
	case float64:
		return vm.Number(x), true
	case string:
		return vm.String(x), true
	case vm.Value:
		return x, true
	}
	return vm.Nil(), false
}

func (f *Callback) decode(s *vm.State, values []vm.Value) ([]any, error) {
	if len(values) == 0 {
		return nil, nil
	}
	results := make([]any, len(values))
	for i, v := range values {
		x, ok := scalarOf(v)
		if !ok {
			var err error
			if x, err = f.converters.natural(&decoding{state: s}, v); err != nil {
				return nil, err
			}
		}
		results[i] = x
	}
	return results, nil
}

// thread returns the coroutine to call Lua functions on, in a service's turn.
func thread(s *host.Service) (*vm.Thread, error) {
	state := s.State()
	switch {
	case state == nil:
		return nil, ErrEnded
	case s.Current() != nil:
		return state.Current(), nil
	}
	return state.Main(), nil
}

// Functions as parameters and results.

// decodeFunc makes a Go function of type t that calls a Lua function. Go functions without an error as their last
// result panic with the Lua error, which goes up to the Lua code that called the Go function.
func (c *converters) decodeFunc(t reflect.Type) decoder {
	b := funcBinding{converters: c, typ: t}
	b.prepare()
	return func(d *decoding, v vm.Value, to reflect.Value) error {
		if !v.IsFunction() {
			return &mismatch{"function", v.Kind()}
		}
		f, err := c.newCallback(d.state, v)
		if err != nil {
			return err
		}
		if fn := fastCallback(f, t); fn != nil {
			return set(to, fn)
		}
		to.Set(reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value { return b.call(f, args) }))
		return nil
	}
}

// funcBinding calls Lua functions as Go functions of one type.
type funcBinding struct {
	converters *converters
	typ        reflect.Type
	ins        []encoder
	outs       []decoder
	fails      bool
}

func (b *funcBinding) prepare() {
	for i := range b.typ.NumIn() {
		b.ins = append(b.ins, b.converters.out(b.typ.In(i)))
	}
	for i := range b.typ.NumOut() {
		if b.typ.Out(i) == errorT && i == b.typ.NumOut()-1 {
			b.fails = true
			break
		}
		b.outs = append(b.outs, b.converters.in(b.typ.Out(i)))
	}
}

func (b *funcBinding) call(f *Callback, args []reflect.Value) []reflect.Value {
	results := make([]reflect.Value, b.typ.NumOut())
	for i := range results {
		results[i] = reflect.New(b.typ.Out(i)).Elem()
	}
	if err := b.callLua(f, args, results); err != nil {
		if !b.fails {
			vm.Raise(err)
		}
		results[len(results)-1].Set(reflect.ValueOf(err))
	}
	return results
}

func (b *funcBinding) callLua(f *Callback, args, results []reflect.Value) error {
	t, err := thread(f.service)
	if err != nil {
		return err
	}
	e := encoding{state: t.State()}
	var values []vm.Value
	for i, a := range args {
		if b.typ.IsVariadic() && i == len(args)-1 {
			for j := range a.Len() {
				v, err := b.converters.value(&e, a.Index(j).Interface())
				if err != nil {
					return err
				}
				values = append(values, v)
			}
			continue
		}
		v, err := b.ins[i](&e, a)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	out, err := t.Call(f.f, values...)
	if err != nil {
		return err
	}
	d := decoding{state: t.State()}
	for i, decode := range b.outs {
		if err := decode(&d, result(out, i), results[i]); err != nil {
			return badResult(i, err)
		}
	}
	return nil
}

func result(values []vm.Value, i int) vm.Value {
	if i < len(values) {
		return values[i]
	}
	return vm.Nil()
}

// encodeFunc makes a Lua function of a Go function.
func (c *converters) encodeFunc(t reflect.Type) encoder {
	shape := &bound{converters: c}
	d := decl.Function{Params: make([]decl.Value, len(shape.read(t)))}
	if n := len(d.Params); shape.variadic != nil {
		d.Params[n-1].Name = "..."
	}
	return func(_ *encoding, v reflect.Value) (vm.Value, error) {
		if v.IsNil() {
			return vm.Nil(), nil
		}
		declared := decl.Function{Params: slices.Clone(d.Params)}
		b, err := c.newBound(&declared, v.Interface(), nil)
		if err != nil {
			return vm.Nil(), err
		}
		return vm.Function("function", b.lua()), nil
	}
}
