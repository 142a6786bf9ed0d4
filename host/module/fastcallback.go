package module

import (
	"fmt"
	"reflect"

	"github.com/luahost/luahost/vm"
)

// Lua functions as Go functions of up to two arguments that are int, float64 or string, with one such result or a bool
// or none, and perhaps an error, are called without reflection.

type element interface{ int | float64 | string }

// fastCallback returns f as a Go function of type t, or nil where that needs reflection.
func fastCallback(f *Callback, t reflect.Type) any {
	switch t.NumIn() {
	case 0:
		return callback0(f, t)
	case 1:
		return some(callback1[int](f, t), callback1[float64](f, t), callback1[string](f, t))
	case 2:
		return some(
			callback2[int, int](f, t), callback2[int, float64](f, t), callback2[int, string](f, t),
			callback2[float64, int](f, t), callback2[float64, float64](f, t), callback2[float64, string](f, t),
			callback2[string, int](f, t), callback2[string, float64](f, t), callback2[string, string](f, t))
	}
	return nil
}

func some(functions ...any) any {
	for _, f := range functions {
		if f != nil {
			return f
		}
	}
	return nil
}

func is[F any](t reflect.Type) bool { return t == reflect.TypeFor[F]() }

func callback0(f *Callback, t reflect.Type) any {
	switch {
	case is[func()](t):
		return func() { must(f.invoke()) }
	case is[func() error](t):
		return func() error { return second(f.invoke()) }
	case is[func() int](t):
		return func() int { return sure(asInt(f.invoke())) }
	case is[func() (int, error)](t):
		return func() (int, error) { return asInt(f.invoke()) }
	case is[func() float64](t):
		return func() float64 { return sure(asNumber(f.invoke())) }
	case is[func() (float64, error)](t):
		return func() (float64, error) { return asNumber(f.invoke()) }
	case is[func() string](t):
		return func() string { return sure(asString(f.invoke())) }
	case is[func() (string, error)](t):
		return func() (string, error) { return asString(f.invoke()) }
	case is[func() bool](t):
		return func() bool { return sure(asBool(f.invoke())) }
	case is[func() (bool, error)](t):
		return func() (bool, error) { return asBool(f.invoke()) }
	}
	return nil
}

func callback1[A element](f *Callback, t reflect.Type) any {
	switch {
	case is[func(A)](t):
		return func(a A) { must(f.invoke(toLua(a))) }
	case is[func(A) error](t):
		return func(a A) error { return second(f.invoke(toLua(a))) }
	case is[func(A) int](t):
		return func(a A) int { return sure(asInt(f.invoke(toLua(a)))) }
	case is[func(A) (int, error)](t):
		return func(a A) (int, error) { return asInt(f.invoke(toLua(a))) }
	case is[func(A) float64](t):
		return func(a A) float64 { return sure(asNumber(f.invoke(toLua(a)))) }
	case is[func(A) (float64, error)](t):
		return func(a A) (float64, error) { return asNumber(f.invoke(toLua(a))) }
	case is[func(A) string](t):
		return func(a A) string { return sure(asString(f.invoke(toLua(a)))) }
	case is[func(A) (string, error)](t):
		return func(a A) (string, error) { return asString(f.invoke(toLua(a))) }
	case is[func(A) bool](t):
		return func(a A) bool { return sure(asBool(f.invoke(toLua(a)))) }
	case is[func(A) (bool, error)](t):
		return func(a A) (bool, error) { return asBool(f.invoke(toLua(a))) }
	}
	return nil
}

func callback2[A, B element](f *Callback, t reflect.Type) any {
	switch {
	case is[func(A, B)](t):
		return func(a A, b B) { must(f.invoke(toLua(a), toLua(b))) }
	case is[func(A, B) error](t):
		return func(a A, b B) error { return second(f.invoke(toLua(a), toLua(b))) }
	case is[func(A, B) int](t):
		return func(a A, b B) int { return sure(asInt(f.invoke(toLua(a), toLua(b)))) }
	case is[func(A, B) (int, error)](t):
		return func(a A, b B) (int, error) { return asInt(f.invoke(toLua(a), toLua(b))) }
	case is[func(A, B) float64](t):
		return func(a A, b B) float64 { return sure(asNumber(f.invoke(toLua(a), toLua(b)))) }
	case is[func(A, B) (float64, error)](t):
		return func(a A, b B) (float64, error) { return asNumber(f.invoke(toLua(a), toLua(b))) }
	case is[func(A, B) string](t):
		return func(a A, b B) string { return sure(asString(f.invoke(toLua(a), toLua(b)))) }
	case is[func(A, B) (string, error)](t):
		return func(a A, b B) (string, error) { return asString(f.invoke(toLua(a), toLua(b))) }
	case is[func(A, B) bool](t):
		return func(a A, b B) bool { return sure(asBool(f.invoke(toLua(a), toLua(b)))) }
	case is[func(A, B) (bool, error)](t):
		return func(a A, b B) (bool, error) { return asBool(f.invoke(toLua(a), toLua(b))) }
	}
	return nil
}

// invoke calls the function in the service's turn and returns its first result.
func (f *Callback) invoke(args ...vm.Value) (vm.Value, error) {
	t, err := thread(f.service)
	if err != nil {
		return vm.Nil(), err
	}
	results, err := t.Call(f.f, args...)
	if err != nil || len(results) == 0 {
		return vm.Nil(), err
	}
	return results[0], nil
}

func toLua[A element](a A) vm.Value {
	switch a := any(a).(type) {
	case int:
		return vm.Int(a)
	case float64:
		return vm.Number(a)
	case string:
		return vm.String(a)
	}
	return vm.Nil()
}

func asInt(v vm.Value, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	f, err := integral(v)
	if err == nil && (f < -0x1p63 || f >= 0x1p63) {
		err = outOfRange
	}
	if err != nil {
		return 0, badResult(0, err)
	}
	return int(f), nil
}

func asNumber(v vm.Value, err error) (float64, error) {
	if err != nil {
		return 0, err
	}
	f, ok := vm.ToNumber(v)
	if !ok {
		return 0, badResult(0, &mismatch{"number", v.Kind()})
	}
	return f, nil
}

func asString(v vm.Value, err error) (string, error) {
	if err != nil {
		return "", err
	}
	s, ok := vm.ToString(v)
	if !ok {
		return "", badResult(0, &mismatch{"string", v.Kind()})
	}
	return s, nil
}

func asBool(v vm.Value, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	b, ok := v.AsBool()
	if !ok {
		return false, badResult(0, &mismatch{"boolean", v.Kind()})
	}
	return b, nil
}

// badResult tells that a Lua function returned what its caller in Go can't take.
func badResult(i int, err error) error {
	switch err.(type) {
	case *mismatch, invalid:
		return fmt.Errorf("bad result #%d of a callback (%w)", i+1, err)
	}
	return err
}

func second(_ vm.Value, err error) error { return err }

func must(_ vm.Value, err error) {
	if err != nil {
		vm.Raise(err)
	}
}

func sure[R any](r R, err error) R {
	if err != nil {
		vm.Raise(err)
	}
	return r
}
