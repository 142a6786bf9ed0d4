package module

import (
	"fmt"
	"reflect"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Unpack decodes the arguments of a call into the variables that targets point to, in order, for functions of type
// func(*vm.Call) error:
//
//	var name string
//	count := 1
//	if err := module.Unpack(c, &name, module.Optional(&count)); err != nil {
//		return err
//	}
//
// Further arguments are ignored, as Lua does. The types are those of the package's documentation, but functions and
// objects need a service. The error is that of the bad argument.
func Unpack(c *vm.Call, targets ...any) error {
	for i, target := range targets {
		if err := unpack(c, i+1, target); err != nil {
			return err
		}
	}
	return nil
}

// Optional has Unpack leave a variable as it is when the argument is absent or nil.
func Optional(target any) any { return optionalTarget{target} }

// Rest has Unpack append the remaining arguments to a slice.
func Rest(slice any) any { return restTarget{slice} }

type (
	optionalTarget struct{ target any }
	restTarget     struct{ slice any }
)

func unpack(c *vm.Call, i int, target any) error {
	switch t := target.(type) {
	case *string:
		*t = c.CheckString(i)
	case *int:
		*t = readInt(c, i)
	case *float64:
		*t = c.CheckNumber(i)
	case *bool:
		*t = readBool(c, i)
	case *vm.Value:
		*t = c.CheckAny(i)
	case **vm.Table:
		*t = c.CheckTable(i)
	case optionalTarget:
		if !c.Arg(i).IsNil() {
			return unpack(c, i, t.target)
		}
	case restTarget:
		return unpackRest(c, i, reflect.ValueOf(t.slice))
	default:
		v := reflect.ValueOf(target)
		if v.Kind() != reflect.Pointer || v.IsNil() {
			return fmt.Errorf("module.Unpack: a %T is no pointer to a variable", target)
		}
		cv := convertersOf(c.State())
		return argument(c, i, cv.in(v.Type().Elem()), v.Elem())
	}
	return nil
}

func unpackRest(c *vm.Call, i int, slice reflect.Value) error {
	if slice.Kind() != reflect.Pointer || slice.Elem().Kind() != reflect.Slice {
		return fmt.Errorf("module.Rest: a %s is no pointer to a slice", slice.Type())
	}
	cv := convertersOf(c.State())
	elem := slice.Type().Elem().Elem()
	decode := cv.in(elem)
	for ; i <= c.NArgs(); i++ {
		v := reflect.New(elem).Elem()
		if err := argument(c, i, decode, v); err != nil {
			return err
		}
		slice.Elem().Set(reflect.Append(slice.Elem(), v))
	}
	return nil
}

// Push adds Go values to the results of a call, as those of a Go function are.
func Push(c *vm.Call, results ...any) error {
	cv, e := convertersOf(c.State()), encoding{state: c.State()}
	for _, x := range results {
		v, err := cv.value(&e, x)
		if err != nil {
			return err
		}
		c.Push(v)
	}
	return nil
}

// ToGo returns the Go value of a Lua value where the type is any; ToLua is its inverse, for all types.
func ToGo(s *vm.State, v vm.Value) (any, error) {
	return convertersOf(s).natural(&decoding{state: s}, v)
}

// ToLua makes a Lua value of a Go value. The error tells of a type that Lua has nothing like, or of a limit.
func ToLua(s *vm.State, x any) (vm.Value, error) {
	return convertersOf(s).value(&encoding{state: s}, x)
}

type convertersKey struct{}

// convertersOf returns the converters that the modules of a host share where they have none of their own.
func convertersOf(s *vm.State) *converters {
	if service, ok := s.Host.(*host.Service); ok {
		return service.Host().Local(convertersKey{}, func() any { return &converters{} }).(*converters)
	}
	return &converters{}
}
