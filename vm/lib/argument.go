package lib

import "github.com/luahost/luahost/vm"

// Helpers that the libraries share: arguments, lengths, and the limits of a state.

// checkInt is Call.CheckInt with a short way for integers.
func checkInt(c *vm.Call, i int) int {
	if f, ok := c.Arg(i).AsNumber(); ok {
		if n := int(int32(f)); float64(n) == f {
			return n
		}
	}
	return c.CheckInt(i)
}

// optInt is Call.OptInt with a short way for integers and nil.
func optInt(c *vm.Call, i, def int) int {
	v := c.Arg(i)
	if v.IsNil() {
		return def
	}
	return checkInt(c, i)
}

// checkInteger returns an argument that has to be an integer, as the functions that came with Lua 5.3 want it.
func checkInteger(c *vm.Call, i int) int {
	f := c.CheckNumber(i)
	if n := int(f); f >= -0x1p63 && f < 0x1p63 && float64(n) == f {
		return n
	}
	panic(c.ArgError(i, "number has no integer representation"))
}

func optInteger(c *vm.Call, i, def int) int {
	if c.Arg(i).IsNil() {
		return def
	}
	return checkInteger(c, i)
}

// length is the length of a table as the operator # gives it, the metamethod __len included.
func length(c *vm.Call, t *vm.Table) (int, error) {
	if t.Metatable() == nil {
		return t.Len(), nil
	}
	h := c.State().Metamethod(t.Value(), "__len")
	if h.IsNil() {
		return t.Len(), nil
	}
	results, err := c.Call(h, t.Value(), t.Value())
	if err != nil {
		return 0, err
	}
	if len(results) > 0 {
		if n, ok := vm.ToNumber(results[0]); ok {
			return int(n), nil
		}
	}
	return 0, c.Errorf("object length is not a number")
}

// reserve counts bytes that are about to be allocated and written, as memory and as work.
func reserve(s *vm.State, bytes int) error {
	if err := s.Reserve(bytes); err != nil {
		return err
	}
	return work(s, bytes)
}

// bytesPerStep is how many bytes a library copies or looks at for one step of a budget.
const bytesPerStep = 64

// work counts the time that so many bytes take.
func work(s *vm.State, bytes int) error {
	if bytes < bytesPerStep {
		return nil
	}
	return s.Spend(int64(bytes) / bytesPerStep)
}
