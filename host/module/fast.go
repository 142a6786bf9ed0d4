package module

import "github.com/luahost/luahost/vm"

// Functions of up to two arguments that are int, float64, string or bool, with one such result or none, and perhaps an
// error, are called without reflection and allocate nothing. In front they may have what the module provides, or the
// object of a method. For all others see bound.

// reader takes argument i of a call; it panics with the error of a bad argument.
type reader[A any] func(c *vm.Call, i int) A

// arg is a parameter of a Go function: how it is read, and from which argument.
type arg[A any] struct {
	read reader[A]
	i    int
}

func (a arg[A]) of(c *vm.Call) A { return a.read(c, a.i) }

// scalar returns the parameter of argument i, of one of the four types.
func scalar[A int | float64 | string | bool](i int, optional bool) arg[A] {
	var read any
	switch any(*new(A)).(type) {
	case int:
		read = reader[int](readInt)
	case float64:
		read = reader[float64]((*vm.Call).CheckNumber)
	case string:
		read = reader[string]((*vm.Call).CheckString)
	case bool:
		read = reader[bool](readBool)
	}
	r := read.(reader[A])
	if optional {
		return arg[A]{func(c *vm.Call, i int) (a A) {
			if c.Arg(i).IsNil() {
				return a
			}
			return r(c, i)
		}, i}
	}
	return arg[A]{r, i}
}

func readInt(c *vm.Call, i int) int {
	f, ok := c.Arg(i).AsNumber()
	if !ok {
		f = c.CheckNumber(i)
	}
	n := int(f)
	if float64(n) != f || f >= 0x1p63 {
		panic(c.ArgError(i, noInteger))
	}
	return n
}

func readBool(c *vm.Call, i int) bool {
	b, ok := c.Arg(i).AsBool()
	if !ok {
		panic(c.TypeError(i, "boolean"))
	}
	return b
}

// fast returns f as a function for Lua, or nil when it is not of a type that can be called without reflection.
func fast(f any, optional []bool) vm.Func {
	switch len(optional) {
	case 0:
		return adapt0(f)
	case 1:
		return one(
			adapt1(f, scalar[int](1, optional[0]), 0), adapt1(f, scalar[float64](1, optional[0]), 0),
			adapt1(f, scalar[string](1, optional[0]), 0), adapt1(f, scalar[bool](1, optional[0]), 0))
	case 2:
		return one(
			fast2(f, scalar[int](1, optional[0]), optional[1]), fast2(f, scalar[float64](1, optional[0]), optional[1]),
			fast2(f, scalar[string](1, optional[0]), optional[1]), fast2(f, scalar[bool](1, optional[0]), optional[1]))
	}
	return nil
}

func fast2[A any](f any, a arg[A], optional bool) vm.Func {
	return one(
		adapt2(f, a, scalar[int](2, optional), 0), adapt2(f, a, scalar[float64](2, optional), 0),
		adapt2(f, a, scalar[string](2, optional), 0), adapt2(f, a, scalar[bool](2, optional), 0))
}

// fastWith is fast for a function whose first parameter is self, and whose others begin at argument shift+1.
func fastWith[T any](f any, self arg[T], optional []bool, shift int) vm.Func {
	switch len(optional) {
	case 0:
		return adapt1(f, self, shift)
	case 1:
		i, opt := shift+1, optional[0]
		return one(
			adapt2(f, self, scalar[int](i, opt), shift), adapt2(f, self, scalar[float64](i, opt), shift),
			adapt2(f, self, scalar[string](i, opt), shift), adapt2(f, self, scalar[bool](i, opt), shift))
	case 2:
		i, opt := shift+1, optional[0]
		return one(
			fastWith2(f, self, scalar[int](i, opt), optional[1], shift), fastWith2(f, self, scalar[float64](i, opt), optional[1], shift),
			fastWith2(f, self, scalar[string](i, opt), optional[1], shift), fastWith2(f, self, scalar[bool](i, opt), optional[1], shift))
	}
	return nil
}

func fastWith2[T, A any](f any, self arg[T], a arg[A], optional bool, shift int) vm.Func {
	i := a.i + 1
	return one(
		adapt3(f, self, a, scalar[int](i, optional), shift), adapt3(f, self, a, scalar[float64](i, optional), shift),
		adapt3(f, self, a, scalar[string](i, optional), shift), adapt3(f, self, a, scalar[bool](i, optional), shift))
}

// one returns the function that is not nil, if any.
func one(functions ...vm.Func) vm.Func {
	for _, f := range functions {
		if f != nil {
			return f
		}
	}
	return nil
}

// The adapters return nil when f has other parameters, or results that they don't know.

func adapt0(f any) vm.Func {
	switch f := f.(type) {
	case func():
		return func(*vm.Call) error { f(); return nil }
	case func() error:
		return func(c *vm.Call) error { return raise(c, f(), 0) }
	case func() int:
		return func(c *vm.Call) error { return c.Return(vm.Int(f())) }
	case func() float64:
		return func(c *vm.Call) error { return c.Return(vm.Number(f())) }
	case func() string:
		return func(c *vm.Call) error { return pushString(c, f()) }
	case func() bool:
		return func(c *vm.Call) error { return c.Return(vm.Bool(f())) }
	case func() (int, error):
		return failing(pushInt, 0, func(*vm.Call) (int, error) { return f() })
	case func() (float64, error):
		return failing(pushNumber, 0, func(*vm.Call) (float64, error) { return f() })
	case func() (string, error):
		return failing(pushString, 0, func(*vm.Call) (string, error) { return f() })
	case func() (bool, error):
		return failing(pushBool, 0, func(*vm.Call) (bool, error) { return f() })
	}
	return nil
}

func adapt1[A any](f any, a arg[A], shift int) vm.Func {
	switch f := f.(type) {
	case func(A):
		return func(c *vm.Call) error { f(a.of(c)); return nil }
	case func(A) error:
		return func(c *vm.Call) error { return raise(c, f(a.of(c)), shift) }
	case func(A) int:
		return func(c *vm.Call) error { return c.Return(vm.Int(f(a.of(c)))) }
	case func(A) float64:
		return func(c *vm.Call) error { return c.Return(vm.Number(f(a.of(c)))) }
	case func(A) string:
		return func(c *vm.Call) error { return pushString(c, f(a.of(c))) }
	case func(A) bool:
		return func(c *vm.Call) error { return c.Return(vm.Bool(f(a.of(c)))) }
	case func(A) (int, error):
		return failing(pushInt, shift, func(c *vm.Call) (int, error) { return f(a.of(c)) })
	case func(A) (float64, error):
		return failing(pushNumber, shift, func(c *vm.Call) (float64, error) { return f(a.of(c)) })
	case func(A) (string, error):
		return failing(pushString, shift, func(c *vm.Call) (string, error) { return f(a.of(c)) })
	case func(A) (bool, error):
		return failing(pushBool, shift, func(c *vm.Call) (bool, error) { return f(a.of(c)) })
	}
	return nil
}

func adapt2[A, B any](f any, a arg[A], b arg[B], shift int) vm.Func {
	switch f := f.(type) {
	case func(A, B):
		return func(c *vm.Call) error { f(a.of(c), b.of(c)); return nil }
	case func(A, B) error:
		return func(c *vm.Call) error { return raise(c, f(a.of(c), b.of(c)), shift) }
	case func(A, B) int:
		return func(c *vm.Call) error { return c.Return(vm.Int(f(a.of(c), b.of(c)))) }
	case func(A, B) float64:
		return func(c *vm.Call) error { return c.Return(vm.Number(f(a.of(c), b.of(c)))) }
	case func(A, B) string:
		return func(c *vm.Call) error { return pushString(c, f(a.of(c), b.of(c))) }
	case func(A, B) bool:
		return func(c *vm.Call) error { return c.Return(vm.Bool(f(a.of(c), b.of(c)))) }
	case func(A, B) (int, error):
		return failing(pushInt, shift, func(c *vm.Call) (int, error) { return f(a.of(c), b.of(c)) })
	case func(A, B) (float64, error):
		return failing(pushNumber, shift, func(c *vm.Call) (float64, error) { return f(a.of(c), b.of(c)) })
	case func(A, B) (string, error):
		return failing(pushString, shift, func(c *vm.Call) (string, error) { return f(a.of(c), b.of(c)) })
	case func(A, B) (bool, error):
		return failing(pushBool, shift, func(c *vm.Call) (bool, error) { return f(a.of(c), b.of(c)) })
	}
	return nil
}

func adapt3[A, B, C any](f any, a arg[A], b arg[B], d arg[C], shift int) vm.Func {
	switch f := f.(type) {
	case func(A, B, C):
		return func(c *vm.Call) error { f(a.of(c), b.of(c), d.of(c)); return nil }
	case func(A, B, C) error:
		return func(c *vm.Call) error { return raise(c, f(a.of(c), b.of(c), d.of(c)), shift) }
	case func(A, B, C) int:
		return func(c *vm.Call) error { return c.Return(vm.Int(f(a.of(c), b.of(c), d.of(c)))) }
	case func(A, B, C) float64:
		return func(c *vm.Call) error { return c.Return(vm.Number(f(a.of(c), b.of(c), d.of(c)))) }
	case func(A, B, C) string:
		return func(c *vm.Call) error { return pushString(c, f(a.of(c), b.of(c), d.of(c))) }
	case func(A, B, C) bool:
		return func(c *vm.Call) error { return c.Return(vm.Bool(f(a.of(c), b.of(c), d.of(c)))) }
	case func(A, B, C) (int, error):
		return failing(pushInt, shift, func(c *vm.Call) (int, error) { return f(a.of(c), b.of(c), d.of(c)) })
	case func(A, B, C) (float64, error):
		return failing(pushNumber, shift, func(c *vm.Call) (float64, error) { return f(a.of(c), b.of(c), d.of(c)) })
	case func(A, B, C) (string, error):
		return failing(pushString, shift, func(c *vm.Call) (string, error) { return f(a.of(c), b.of(c), d.of(c)) })
	case func(A, B, C) (bool, error):
		return failing(pushBool, shift, func(c *vm.Call) (bool, error) { return f(a.of(c), b.of(c), d.of(c)) })
	}
	return nil
}

func failing[R any](push func(*vm.Call, R) error, shift int, call func(*vm.Call) (R, error)) vm.Func {
	return func(c *vm.Call) error {
		r, err := call(c)
		if err != nil {
			return raise(c, err, shift)
		}
		return push(c, r)
	}
}

func pushInt(c *vm.Call, n int) error        { return c.Return(vm.Int(n)) }
func pushNumber(c *vm.Call, f float64) error { return c.Return(vm.Number(f)) }
func pushString(c *vm.Call, s string) error  { return c.Return(c.State().NewString(s)) }
func pushBool(c *vm.Call, b bool) error      { return c.Return(vm.Bool(b)) }
